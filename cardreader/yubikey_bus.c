/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_bus.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES     "/sys/bus/usb/devices"
#define VENDOR      0x1050
#define PATH_LENGTH 160

/* The products that offer the OTP interface, as libykpers looks for them. */
static const uint32_t products[] = {0x0010, 0x0110, 0x0111, 0x0114, 0x0116,
                                    0x0401, 0x0403, 0x0405, 0x0407, 0x0410};

static bool read_number(const char *device, const char *attribute, int base, uint32_t *out)
{
    char path[PATH_LENGTH], text[16] = "", *end = text;
    unsigned long value = 0;
    FILE *file;
    int len = snprintf(path, sizeof(path), DEVICES "/%s/%s", device, attribute);

    if (len < 0 || (size_t)len >= sizeof(path))
        return false;
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    if (fgets(text, sizeof(text), file) != NULL)
        value = strtoul(text, &end, base);
    fclose(file);
    *out = (uint32_t)value;
    return end != text && value <= 0xFFFF;
}

static bool is_key(const char *device)
{
    uint32_t vendor = 0, product = 0;

    if (strchr(device, ':') != NULL || !read_number(device, "idVendor", 16, &vendor) ||
        vendor != VENDOR || !read_number(device, "idProduct", 16, &product))
        return false;
    for (size_t n = 0; n < sizeof(products) / sizeof(products[0]); n++)
        if (products[n] == product)
            return true;
    return false;
}

void yubikey_bus_scan(struct yubikey_seen *out)
{
    DIR *dir = opendir(DEVICES);
    struct dirent *entry;
    uint32_t bus = 0, device = 0;

    *out = (struct yubikey_seen){0};
    if (dir == NULL)
        return;
    while (out->count < YUBIKEY_BUS_MAX && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && is_key(entry->d_name) &&
            read_number(entry->d_name, "busnum", 10, &bus) &&
            read_number(entry->d_name, "devnum", 10, &device))
            out->node[out->count++] = bus << 16 | device;
    closedir(dir);
}

static bool has_node(const struct yubikey_seen *seen, uint32_t node)
{
    for (size_t n = 0; n < seen->count; n++)
        if (seen->node[n] == node)
            return true;
    return false;
}

bool yubikey_bus_lost(const struct yubikey_seen *before, const struct yubikey_seen *now)
{
    for (size_t n = 0; n < before->count; n++)
        if (!has_node(now, before->node[n]))
            return true;
    return false;
}
