/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/open_rule.h"
#include "biometric/sensor_private.h"

#include <fp-image-device.h>
#include <string.h>

#define APPEAR_MS 1000 /* a hub that was just plugged in, or a sensor that re-enumerates */

static void report_opened(struct sensor *sensor, enum finger_reason reason)
{
    sensor->busy = false;
    if (!sensor_closed_now(sensor))
        sensor->client.opened(sensor->client.user, reason);
}

static void on_removed(FpDevice *device, gpointer user)
{
    struct sensor *sensor = user;

    (void)device;
    sensor->gone = true;
}

static void look_for_device(struct sensor *sensor);

/* All anew: a driver that failed half-way leaves the device of its context half open. */
static gboolean on_again(gpointer user)
{
    struct sensor *sensor = user;

    sensor->again_timer = 0;
    g_clear_object(&sensor->device);
    g_clear_object(&sensor->context);
    sensor->context = fp_context_new();
    look_for_device(sensor);
    return G_SOURCE_REMOVE;
}

static void on_opened(GObject *source, GAsyncResult *result, gpointer user)
{
    struct sensor *sensor = user;
    g_autoptr(GError) error = NULL;

    sensor->open = fp_device_open_finish(FP_DEVICE(source), result, &error);
    if (!sensor->open && sensor->closed == NULL && !sensor->gone &&
        open_rule_again(error, sensor->begun, g_get_monotonic_time()))
        sensor->again_timer = g_timeout_add(OPEN_RULE_PAUSE_MS, on_again, sensor);
    else
        report_opened(sensor, sensor->open ? 0 : sensor_reason(error));
}

static FpDevice *find_driver(GPtrArray *devices, const char *driver)
{
    for (guint n = 0; n < devices->len; n++) {
        FpDevice *device = g_ptr_array_index(devices, n);
        if (strcmp(fp_device_get_driver(device), driver) == 0)
            return device;
    }
    return NULL;
}

static FpDevice *find_admitted(struct sensor *sensor)
{
    g_auto(GStrv) drivers = g_strsplit(sensor->drivers, ":", -1);
    GPtrArray *devices = fp_context_get_devices(sensor->context);
    FpDevice *found = NULL;

    for (size_t n = 0; drivers[n] != NULL && found == NULL; n++)
        found = find_driver(devices, drivers[n]);
    return found;
}

static bool take_device(struct sensor *sensor)
{
    FpDevice *device = find_admitted(sensor);

    if (device == NULL || sensor->device != NULL)
        return sensor->device != NULL;
    sensor->device = g_object_ref(device);
    g_signal_connect(device, "removed", G_CALLBACK(on_removed), sensor);
    if (sensor->appear_timer != 0)
        g_source_remove(sensor->appear_timer);
    sensor->appear_timer = 0;
    fp_device_open(device, sensor->cancel, on_opened, sensor);
    return true;
}

static void on_device_added(FpContext *context, FpDevice *device, gpointer user)
{
    struct sensor *sensor = user;

    (void)context;
    (void)device;
    if (sensor->appear_timer != 0)
        take_device(sensor);
}

/* The list of drivers is read anew by each context: one without it sees the sensors that the
 * configuration does not admit. */
static bool others_are_there(void)
{
    g_autoptr(FpContext) context = NULL;

    g_unsetenv("FP_DRIVERS_WHITELIST");
    context = fp_context_new();
    return fp_context_get_devices(context)->len > 0;
}

static gboolean on_none_appeared(gpointer user)
{
    struct sensor *sensor = user;

    sensor->appear_timer = 0;
    report_opened(sensor, others_are_there() ? FINGER_NOT_ADMITTED : FINGER_NO_SENSOR);
    return G_SOURCE_REMOVE;
}

struct sensor *sensor_new(const char *drivers, const char *socket,
                          const struct sensor_client *client)
{
    struct sensor *sensor = g_new0(struct sensor, 1);

    if (drivers != NULL)
        g_setenv("FP_DRIVERS_WHITELIST", drivers, TRUE);
    if (socket != NULL)
        g_setenv("FP_VIRTUAL_IMAGE", socket, TRUE);
    sensor->client = *client;
    sensor->drivers = g_strdup(drivers != NULL ? drivers : "");
    sensor->cancel = g_cancellable_new();
    sensor->context = fp_context_new();
    return sensor;
}

void sensor_free(struct sensor *sensor)
{
    if (sensor == NULL)
        return;
    g_clear_object(&sensor->device);
    g_clear_object(&sensor->context);
    g_clear_object(&sensor->cancel);
    g_free(sensor->drivers);
    g_free(sensor);
}

/* Enumerating iterates the main context: end of file on the channel arrives in the middle of it. */
static void look_for_device(struct sensor *sensor)
{
    fp_context_enumerate(sensor->context);
    if (sensor_closed_now(sensor) || take_device(sensor))
        return;
    g_signal_connect(sensor->context, "device-added", G_CALLBACK(on_device_added), sensor);
    sensor->appear_timer = g_timeout_add(APPEAR_MS, on_none_appeared, sensor);
}

void sensor_open(struct sensor *sensor)
{
    sensor->busy = true;
    sensor->begun = g_get_monotonic_time();
    look_for_device(sensor);
}

static void list_one(FpDevice *device, struct tlv_out *out)
{
    const char *id = fp_device_get_device_id(device);
    size_t mark = tlv_open(out, DER_SEQUENCE);

    tlv_put_text(out, DER_UTF8, fp_device_get_driver(device));
    tlv_put_text(out, DER_UTF8, id != NULL ? id : "");
    tlv_put_text(out, DER_UTF8, fp_device_get_name(device));
    tlv_close(out, mark);
}

void sensor_list(struct sensor *sensor, struct tlv_out *out)
{
    GPtrArray *devices = fp_context_get_devices(sensor->context);

    for (guint n = 0; n < devices->len; n++)
        list_one(g_ptr_array_index(devices, n), out);
}

FpDevice *sensor_device(const struct sensor *sensor)
{
    return sensor->device;
}

const char *sensor_device_id(const struct sensor *sensor)
{
    const char *id = fp_device_get_device_id(sensor->device);

    return id != NULL ? id : "";
}

bool sensor_compares(const struct sensor *sensor)
{
    return FP_IS_IMAGE_DEVICE(sensor->device);
}

bool sensor_busy(const struct sensor *sensor)
{
    return sensor->busy;
}

static void on_closed(GObject *source, GAsyncResult *result, gpointer user)
{
    struct sensor *sensor = user;

    fp_device_close_finish(FP_DEVICE(source), result, NULL);
    sensor->open = false;
    sensor->closed(sensor->closed_user);
}

bool sensor_closed_now(struct sensor *sensor)
{
    if (sensor->closed == NULL)
        return false;
    if (sensor->open)
        fp_device_close(sensor->device, NULL, on_closed, sensor);
    else
        sensor->closed(sensor->closed_user);
    return true;
}

void sensor_close(struct sensor *sensor, void (*done)(void *user), void *user)
{
    sensor->closed = done;
    sensor->closed_user = user;
    g_cancellable_cancel(sensor->cancel);
    if (sensor->again_timer != 0)
        g_source_remove(sensor->again_timer);
    if (sensor->again_timer != 0 || sensor->appear_timer != 0 || !sensor->busy)
        sensor_closed_now(sensor);
    sensor->again_timer = 0;
}
