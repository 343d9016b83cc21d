/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/bus.h"

#include "tests/virtual/yubikey/usb.h"
#include "tests/virtual/yubikey/usbfs.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#define FIRST_DEVICE 100
#define LAST_DEVICE  127

int64_t key_now(void)
{
    return g_get_monotonic_time() / 1000;
}

struct bus *bus_new(bool open)
{
    static const uint8_t version[3] = {5, 4, 3};
    struct bus *bus = g_new0(struct bus, 1);

    bus->testbed = umockdev_testbed_new();
    bus->root = umockdev_testbed_get_root_dir(bus->testbed);
    bus->open = open;
    bus->next_device = FIRST_DEVICE;
    for (unsigned n = 0; n < BUS_KEYS; n++) {
        struct key *key = &bus->key[n];
        g_mutex_init(&key->lock);
        key->number = n;
        key->bus = bus;
        key->product = 0x0407;
        key->busy_ms = 250;
        model_init(&key->model, version, 10000001 + n);
    }
    return bus;
}

void bus_free(struct bus *bus)
{
    for (unsigned n = 0; n < BUS_KEYS; n++)
        bus_unplug(&bus->key[n]);
    g_object_unref(bus->testbed);
    g_free(bus->root);
    g_free(bus);
}

static int open_to_all(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)where;
    if (kind == FTW_SL)
        return 0;
    return chmod(path, (st->st_mode & 07777) | (kind == FTW_D ? 0777 : 0666)) != 0 ? 1 : 0;
}

/* Sockets are made in the testbed's directory, too, by whoever listens for events. */
static bool let_others_in(const struct bus *bus)
{
    return !bus->open || nftw(bus->root, open_to_all, 8, FTW_PHYS) == 0;
}

static void take_out(struct key *key)
{
    struct bus *bus = key->bus;
    char *node = usb_node(key), *path = usb_syspath(key);

    umockdev_testbed_detach_ioctl(bus->testbed, node, NULL);
    umockdev_testbed_uevent(bus->testbed, path, "remove");
    umockdev_testbed_remove_device(bus->testbed, path);
    g_free(path);
    g_free(node);
}

static gboolean take_out_now(gpointer user)
{
    struct key *key = user;
    bool leaving;

    g_mutex_lock(&key->lock);
    leaving = key->leaving;
    key->leaving = false;
    g_mutex_unlock(&key->lock);
    if (leaving)
        take_out(key);
    return G_SOURCE_REMOVE;
}

static bool is_taken(const struct bus *bus, unsigned device)
{
    for (unsigned n = 0; n < BUS_KEYS; n++)
        if (bus->key[n].plugged && bus->key[n].device == device)
            return true;
    return false;
}

/* Round and round, as the kernel does. */
static unsigned free_device(struct bus *bus)
{
    unsigned device;

    do {
        device = bus->next_device;
        bus->next_device = device == LAST_DEVICE ? FIRST_DEVICE : device + 1;
    } while (is_taken(bus, device));
    return device;
}

bool bus_plug(struct key *key)
{
    struct bus *bus = key->bus;
    UMockdevIoctlBase *handler;
    char *record, *node;
    bool good;

    take_out_now(key);
    if (key->plugged)
        return false;
    key->device = free_device(bus);
    key->bound = key->plugged = true;
    key->claimer = NULL;
    record = usb_record(key);
    node = usb_node(key);
    handler = usbfs_new(key);
    good = umockdev_testbed_add_from_string(bus->testbed, record, NULL) &&
           umockdev_testbed_attach_ioctl(bus->testbed, node, handler, NULL) && let_others_in(bus);
    g_object_unref(handler);
    g_free(node);
    g_free(record);
    return good;
}

void bus_unplug(struct key *key)
{
    bool was;

    g_mutex_lock(&key->lock);
    was = key->plugged;
    if (was)
        usbfs_cut_off(key);
    g_mutex_unlock(&key->lock);
    if (was)
        take_out(key);
}

void bus_unplug_later(struct key *key)
{
    key->leaving = true;
    g_idle_add(take_out_now, key);
}
