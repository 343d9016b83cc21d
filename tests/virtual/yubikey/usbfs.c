/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/usbfs.h"

#include "tests/virtual/yubikey/bus.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
/* Needs the one above. */
#include <linux/usbdevice_fs.h>

#define SETUP     8 /* octets of a control transfer before its data, USB 2.0 9.3 */
#define RETRY_MS  5 /* the node is always ready to poll(2), so that libusb would spin */
#define IN        0xA1
#define OUT       0x21
#define GET       0x01
#define SET       0x09
#define FEATURE   0x03
#define INTERFACE 0 /* of the OTP keyboard */

struct urb {
    const void *client; /* not ours to keep: see on_client_gone */
    UMockdevIoctlData *data, *buffer;
    bool done;
};

typedef struct {
    UMockdevIoctlBase parent;
    struct key *key;
} Usbfs;
typedef struct {
    UMockdevIoctlBaseClass parent;
} UsbfsClass;

static void free_urb(struct urb *u)
{
    g_object_unref(u->data);
    if (u->buffer != NULL)
        g_object_unref(u->buffer);
    g_free(u);
}

static void finish(UMockdevIoctlClient *client, int err)
{
    umockdev_ioctl_client_complete(client, err == 0 ? 0 : -1, err);
}

static struct usbdevfs_urb *urb_of(const struct urb *u)
{
    return (struct usbdevfs_urb *)(void *)u->data->data;
}

static void end_urb(struct urb *u, int status, size_t len)
{
    urb_of(u)->status = status;
    urb_of(u)->actual_length = (int)len;
    u->done = true;
}

void usbfs_cut_off(struct key *key)
{
    key->plugged = false;
    key->claimer = NULL;
    model_power_off(&key->model);
    for (GSList *at = key->urbs; at != NULL; at = at->next) {
        struct urb *u = at->data;
        if (!u->done)
            end_urb(u, -ESHUTDOWN, 0);
    }
}

static void get_driver(struct key *key, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    struct usbdevfs_getdriver *get = (struct usbdevfs_getdriver *)(void *)data->data;

    if (get->interface != INTERFACE || (!key->bound && key->claimer == NULL)) {
        finish(client, ENODATA);
        return;
    }
    g_strlcpy(get->driver, key->bound ? "usbhid" : "usbfs", sizeof(get->driver));
    finish(client, 0);
}

/* Through to the driver: unbind and bind. */
static void through(struct key *key, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    const struct usbdevfs_ioctl *inner = (const struct usbdevfs_ioctl *)(void *)data->data;

    if (inner->ifno != INTERFACE) {
        finish(client, ENODATA);
    } else if ((unsigned)inner->ioctl_code == USBDEVFS_DISCONNECT) {
        bool was = key->bound;
        key->bound = false;
        finish(client, was ? 0 : ENODATA);
    } else if ((unsigned)inner->ioctl_code == USBDEVFS_CONNECT) {
        bool free = !key->bound && key->claimer == NULL;
        key->bound = key->bound || free;
        umockdev_ioctl_client_complete(client, free ? 1 : -1, free ? 0 : EBUSY);
    } else {
        finish(client, ENOTTY);
    }
}

static void claim(struct key *key, UMockdevIoctlClient *client)
{
    bool taken = key->bound || (key->claimer != NULL && key->claimer != client) ||
                 key_now() < key->held_until;

    if (!taken) {
        key->claims++;
        key->claimer = client;
    }
    finish(client, taken ? EBUSY : 0);
}

static void release(struct key *key, UMockdevIoctlClient *client)
{
    bool ours = key->claimer == client;

    if (ours)
        key->claimer = NULL;
    finish(client, ours ? 0 : EINVAL);
}

/* GET_REPORT or SET_REPORT of the feature report, HID 1.11 7.2. */
static void transfer(struct key *key, struct urb *u)
{
    uint8_t *setup = u->buffer->data, *report = setup + SETUP;
    bool fits = u->buffer->data_len == SETUP + MODEL_REPORT && setup[3] == FEATURE;

    if (fits && setup[0] == OUT && setup[1] == SET) {
        model_set_report(&key->model, report, key_now());
        end_urb(u, 0, MODEL_REPORT);
    } else if (fits && setup[0] == IN && setup[1] == GET) {
        model_get_report(&key->model, report, key_now());
        end_urb(u, 0, MODEL_REPORT);
    } else {
        end_urb(u, -EPIPE, 0);
    }
}

static void fail(struct key *key, struct urb *u)
{
    enum key_fault fault = key->fault;

    key->fault = KEY_SOUND;
    switch (fault) {
    case KEY_UNPLUG:
        usbfs_cut_off(key);
        bus_unplug_later(key);
        break;
    case KEY_STALL:
        end_urb(u, -EPIPE, 0);
        break;
    case KEY_EPROTO:
        end_urb(u, -EPROTO, 0);
        break;
    case KEY_SHORT:
        end_urb(u, 0, 0);
        break;
    case KEY_BUSY:
        key->held_until = key_now() + key->busy_ms;
        transfer(key, u);
        break;
    case KEY_HANG:
    case KEY_SOUND:
        break;
    }
}

static void submit(struct key *key, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    const struct usbdevfs_urb *urb = (const struct usbdevfs_urb *)(void *)data->data;
    struct urb *u;

    if (urb->type != USBDEVFS_URB_TYPE_CONTROL || urb->buffer_length < SETUP) {
        finish(client, EINVAL);
        return;
    }
    u = g_new0(struct urb, 1);
    u->client = client;
    u->data = g_object_ref(data);
    u->buffer = umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_urb, buffer),
                                            (gsize)urb->buffer_length, NULL);
    key->urbs = g_slist_append(key->urbs, u);
    key->transfers++;
    if (u->buffer == NULL)
        end_urb(u, -EFAULT, 0);
    else if (key->fault != KEY_SOUND && key->transfers == key->fault_at)
        fail(key, u);
    else
        transfer(key, u);
    finish(client, 0);
}

static gboolean say_again(gpointer user)
{
    umockdev_ioctl_client_complete(user, -1, EAGAIN);
    return G_SOURCE_REMOVE;
}

static void answer_later(UMockdevIoctlClient *client)
{
    GSource *source = g_timeout_source_new(RETRY_MS);

    g_source_set_callback(source, say_again, g_object_ref(client), g_object_unref);
    g_source_attach(source, g_main_context_get_thread_default());
    g_source_unref(source);
}

static void reap(struct key *key, UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    bool pending = false;

    for (GSList *at = key->urbs; at != NULL; at = at->next) {
        struct urb *u = at->data;
        if (u->client != client)
            continue;
        pending = true;
        if (!u->done)
            continue;
        umockdev_ioctl_data_set_ptr(data, 0, u->data);
        finish(client, 0);
        key->urbs = g_slist_delete_link(key->urbs, at);
        free_urb(u);
        return;
    }
    if (pending)
        answer_later(client);
    else
        finish(client, key->plugged ? EAGAIN : ENODEV);
}

static void discard(struct key *key, UMockdevIoctlClient *client)
{
    gulong address = *(gulong *)(void *)umockdev_ioctl_client_get_arg(client)->data;

    for (GSList *at = key->urbs; at != NULL; at = at->next) {
        struct urb *u = at->data;
        if (u->client == client && u->data->client_addr == address && !u->done) {
            end_urb(u, -ENOENT, 0);
            finish(client, 0);
            return;
        }
    }
    finish(client, EINVAL);
}

static void tell_capabilities(UMockdevIoctlClient *client, UMockdevIoctlData *data)
{
    const uint32_t caps = USBDEVFS_CAP_ZERO_PACKET;

    memcpy(data->data, &caps, sizeof(caps));
    finish(client, 0);
}

static bool answer(struct key *key, UMockdevIoctlClient *client, gulong request,
                   UMockdevIoctlData *data)
{
    if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY)
        reap(key, client, data);
    else if (!key->plugged)
        finish(client, ENODEV);
    else if (request == USBDEVFS_GET_CAPABILITIES)
        tell_capabilities(client, data);
    else if (request == USBDEVFS_GETDRIVER)
        get_driver(key, client, data);
    else if (request == USBDEVFS_IOCTL)
        through(key, client, data);
    else if (request == USBDEVFS_CLAIMINTERFACE)
        claim(key, client);
    else if (request == USBDEVFS_RELEASEINTERFACE)
        release(key, client);
    else if (request == USBDEVFS_SUBMITURB)
        submit(key, client, data);
    else if (request == USBDEVFS_DISCARDURB)
        discard(key, client);
    else if (request == USBDEVFS_SETCONFIGURATION || request == USBDEVFS_RESET)
        finish(client, 0);
    else
        return false;
    return true;
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
    struct key *key = ((Usbfs *)base)->key;
    gulong request = umockdev_ioctl_client_get_request(client);
    gsize size = _IOC_SIZE(request);
    UMockdevIoctlData *data = NULL;
    bool known;

    if (size > 0)
        data = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, size, NULL);
    if (size > 0 && data == NULL)
        return FALSE;
    g_mutex_lock(&key->lock);
    known = answer(key, client, request, data);
    g_mutex_unlock(&key->lock);
    if (data != NULL)
        g_object_unref(data);
    return known;
}

/* The kernel takes the interface back from a process that ends, but binds no driver to it. The
 * property "connected" does not tell of a process that died while it waited for an ioctl. */
static void on_client_gone(gpointer user, GObject *client)
{
    struct key *key = user;
    GSList *next;

    g_mutex_lock(&key->lock);
    if (key->claimer == client)
        key->claimer = NULL;
    for (GSList *at = key->urbs; at != NULL; at = next) {
        struct urb *u = at->data;
        next = at->next;
        if (u->client == client) {
            key->urbs = g_slist_delete_link(key->urbs, at);
            free_urb(u);
        }
    }
    g_mutex_unlock(&key->lock);
}

static void client_connected(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
    struct key *key = ((Usbfs *)base)->key;

    g_mutex_lock(&key->lock);
    key->opens++;
    g_mutex_unlock(&key->lock);
    g_object_weak_ref(G_OBJECT(client), on_client_gone, key);
}

static void init_class(gpointer class, gpointer data)
{
    UMockdevIoctlBaseClass *base = class;

    (void)data;
    base->handle_ioctl = handle_ioctl;
    base->client_connected = client_connected;
}

static GType usbfs_type(void)
{
    static GType type;

    if (type == 0)
        type = g_type_register_static_simple(UMOCKDEV_TYPE_IOCTL_BASE, "Usbfs", sizeof(UsbfsClass),
                                             init_class, sizeof(Usbfs), NULL, 0);
    return type;
}

UMockdevIoctlBase *usbfs_new(struct key *key)
{
    Usbfs *self = g_object_new(usbfs_type(), NULL);

    self->key = key;
    return &self->parent;
}
