/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/usb.h"

#define PARENT "/devices/pci0000:00/0000:00:14.0/usb250"
#define MAJOR  189

enum { HAS_OTP = 1, HAS_FIDO = 2, HAS_CCID = 4 };

static unsigned interfaces_of(uint16_t product)
{
    static const struct {
        uint16_t product;
        unsigned has;
    } known[] = {{0x0010, HAS_OTP},
                 {0x0110, HAS_OTP},
                 {0x0111, HAS_OTP | HAS_CCID},
                 {0x0401, HAS_OTP},
                 {0x0402, HAS_FIDO},
                 {0x0403, HAS_OTP | HAS_FIDO},
                 {0x0404, HAS_CCID},
                 {0x0405, HAS_OTP | HAS_CCID},
                 {0x0406, HAS_FIDO | HAS_CCID},
                 {0x0407, HAS_OTP | HAS_FIDO | HAS_CCID}};

    for (size_t n = 0; n < G_N_ELEMENTS(known); n++)
        if (known[n].product == product)
            return known[n].has;
    return HAS_OTP;
}

static void append(GByteArray *out, const uint8_t *data, size_t len)
{
    g_byte_array_append(out, data, (guint)len);
}

static void put_device(GByteArray *out, const struct key *key)
{
    const struct model *m = &key->model;
    const uint8_t device[] = {18,
                              1,
                              0x00,
                              0x02,
                              0,
                              0,
                              0,
                              64,
                              0x50,
                              0x10,
                              (uint8_t)key->product,
                              (uint8_t)(key->product >> 8),
                              (uint8_t)(m->version[1] << 4 | (m->version[2] & 0x0F)),
                              m->version[0],
                              1,
                              2,
                              0,
                              1};

    append(out, device, sizeof(device));
}

/* USB HID 1.11: a keyboard with a report descriptor of 71 octets. */
static void put_otp(GByteArray *out, uint8_t number)
{
    const uint8_t otp[] = {9, 4, number, 0,  1, 3, 1, 1,    0, 9, 0x21, 0x10, 0x01,
                           0, 1, 0x22,   71, 0, 7, 5, 0x81, 3, 8, 0,    10};

    append(out, otp, sizeof(otp));
}

static void put_fido(GByteArray *out, uint8_t number)
{
    const uint8_t fido[] = {9,  4, number, 0, 2,    3, 0,  0, 0, 9, 0x21, 0x10, 0x01, 0,  1, 0x22,
                            34, 0, 7,      5, 0x04, 3, 64, 0, 2, 7, 5,    0x84, 3,    64, 0, 2};

    append(out, fido, sizeof(fido));
}

/* CCID 1.1: the class descriptor's content does not matter to anybody here. */
static void put_ccid(GByteArray *out, uint8_t number)
{
    const uint8_t interface[] = {9, 4, number, 0, 3, 0x0B, 0, 0, 0};
    const uint8_t endpoints[] = {7,  5, 0x02, 2, 64, 0,    0, 7, 5, 0x82, 2,
                                 64, 0, 0,    7, 5,  0x83, 3, 8, 0, 32};
    uint8_t class[54] = {54, 0x21, 0x00, 0x01};

    append(out, interface, sizeof(interface));
    append(out, class, sizeof(class));
    append(out, endpoints, sizeof(endpoints));
}

static GByteArray *descriptors(const struct key *key)
{
    GByteArray *all = g_byte_array_new(), *parts = g_byte_array_new();
    unsigned has = interfaces_of(key->product);
    uint8_t count = 0, configuration[] = {9, 2, 0, 0, 0, 1, 0, 0x80, 15};

    if ((has & HAS_OTP) != 0)
        put_otp(parts, count++);
    if ((has & HAS_FIDO) != 0)
        put_fido(parts, count++);
    if ((has & HAS_CCID) != 0)
        put_ccid(parts, count++);
    configuration[2] = (uint8_t)((parts->len + 9) & 0xFF);
    configuration[3] = (uint8_t)((parts->len + 9) >> 8);
    configuration[4] = count;
    put_device(all, key);
    append(all, configuration, sizeof(configuration));
    append(all, parts->data, parts->len);
    g_byte_array_unref(parts);
    return all;
}

char *usb_syspath(const struct key *key)
{
    return g_strdup_printf("/sys" PARENT "/%d-%u", KEY_BUS, key->number + 1);
}

char *usb_node(const struct key *key)
{
    return g_strdup_printf("/dev/bus/usb/%03d/%03u", KEY_BUS, key->device);
}

char *usb_record(const struct key *key)
{
    GString *text = g_string_new(NULL);
    GByteArray *raw = descriptors(key);
    unsigned minor = (KEY_BUS - 1) * 128 + key->device - 1;

    g_string_append_printf(text, "P: " PARENT "/%d-%u\nN: bus/usb/%03d/%03u\n", KEY_BUS,
                           key->number + 1, KEY_BUS, key->device);
    g_string_append_printf(text,
                           "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\n"
                           "E: DEVNAME=/dev/bus/usb/%03d/%03u\nE: MAJOR=%d\nE: MINOR=%u\n",
                           KEY_BUS, key->device, MAJOR, minor);
    g_string_append_printf(text, "E: BUSNUM=%03d\nE: DEVNUM=%03u\nE: PRODUCT=1050/%x/%x%x%x\n",
                           KEY_BUS, key->device, key->product, key->model.version[0],
                           key->model.version[1], key->model.version[2]);
    g_string_append_printf(text,
                           "A: busnum=%d\\n\nA: devnum=%u\\n\nA: speed=12\\n\n"
                           "A: bConfigurationValue=1\\n\nA: dev=%d:%u\\n\n",
                           KEY_BUS, key->device, MAJOR, minor);
    g_string_append_printf(
        text, "A: idVendor=1050\\n\nA: idProduct=%04x\\n\nH: descriptors=", key->product);
    for (guint n = 0; n < raw->len; n++)
        g_string_append_printf(text, "%02X", raw->data[n]);
    g_string_append(text, "\n\n");
    g_byte_array_unref(raw);
    return g_string_free(text, FALSE);
}
