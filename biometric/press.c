/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/fp3.h"
#include "biometric/sensor_private.h"

enum finger_reason sensor_reason(const GError *error)
{
    if (g_error_matches(error, FP_DEVICE_ERROR, FP_DEVICE_ERROR_REMOVED))
        return FINGER_GONE;
    if (g_error_matches(error, FP_DEVICE_ERROR, FP_DEVICE_ERROR_TOO_HOT))
        return FINGER_HOT;
    if (g_error_matches(error, FP_DEVICE_ERROR, FP_DEVICE_ERROR_BUSY))
        return FINGER_BUSY;
    if (g_error_matches(error, FP_DEVICE_ERROR, FP_DEVICE_ERROR_DATA_NOT_FOUND))
        return FINGER_INCOMPATIBLE;
    if (g_error_matches(error, FP_DEVICE_ERROR, FP_DEVICE_ERROR_DATA_DUPLICATE))
        return FINGER_DUPLICATE;
    return FINGER_FAULT;
}

static enum finger_press retry_kind(const GError *error)
{
    if (g_error_matches(error, FP_DEVICE_RETRY, FP_DEVICE_RETRY_TOO_SHORT))
        return FINGER_PRESS_SHORT;
    if (g_error_matches(error, FP_DEVICE_RETRY, FP_DEVICE_RETRY_CENTER_FINGER))
        return FINGER_PRESS_CENTER;
    if (g_error_matches(error, FP_DEVICE_RETRY, FP_DEVICE_RETRY_REMOVE_FINGER))
        return FINGER_PRESS_LIFT;
    return FINGER_PRESS_AGAIN;
}

/* A picture without a single minutia is reported as invalid data, not as a retry. */
static bool is_retry(const GError *error)
{
    return error->domain == FP_DEVICE_RETRY ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void judge(struct sensor *sensor, const struct sensor_press *press)
{
    if (sensor->judged || sensor->closed != NULL)
        return;
    sensor->judged = true;
    sensor->client.judged(sensor->client.user, press);
}

static struct sensor_press failed_press(const GError *error)
{
    struct sensor_press press = {.outcome = SENSOR_FAILED};

    if (is_retry(error)) {
        press.outcome = SENSOR_RETRY;
        press.retry = retry_kind(error);
    } else {
        press.reason = sensor_reason(error);
    }
    return press;
}

static void judge_error(struct sensor *sensor, const GError *error)
{
    struct sensor_press press = failed_press(error);

    if (press.reason == FINGER_GONE)
        sensor->gone = true;
    judge(sensor, &press);
}

static void end_operation(struct sensor *sensor)
{
    sensor->busy = false;
    if (!sensor_closed_now(sensor))
        sensor->client.ended(sensor->client.user);
}

static void on_match(FpDevice *device, FpPrint *match, FpPrint *print, gpointer user, GError *error)
{
    struct sensor_press press = {.outcome = SENSOR_SCANNED, .match = match, .print = print};

    (void)device;
    if (error != NULL)
        judge_error(user, error);
    else
        judge(user, &press);
}

static void on_identified(GObject *source, GAsyncResult *result, gpointer user)
{
    struct sensor *sensor = user;
    g_autoptr(GError) error = NULL;
    g_autoptr(FpPrint) match = NULL;
    g_autoptr(FpPrint) print = NULL;

    if (fp_device_identify_finish(FP_DEVICE(source), result, &match, &print, &error))
        on_match(FP_DEVICE(source), match, print, sensor, NULL);
    else
        judge_error(sensor, error);
    end_operation(sensor);
}

/* A chip calls back with its verdict; one that did not has compared nothing. */
static void on_verified(GObject *source, GAsyncResult *result, gpointer user)
{
    struct sensor *sensor = user;
    struct sensor_press silent = {.outcome = SENSOR_FAILED, .reason = FINGER_FAULT};
    g_autoptr(GError) error = NULL;
    g_autoptr(FpPrint) print = NULL;
    gboolean match = FALSE;

    if (fp_device_verify_finish(FP_DEVICE(source), result, &match, &print, &error))
        judge(sensor, &silent);
    else
        judge_error(sensor, error);
    end_operation(sensor);
}

static gboolean refuse_gone(gpointer user)
{
    struct sensor *sensor = user;
    struct sensor_press press = {.outcome = SENSOR_FAILED, .reason = FINGER_GONE};

    judge(sensor, &press);
    end_operation(sensor);
    return G_SOURCE_REMOVE;
}

static bool begin_operation(struct sensor *sensor)
{
    sensor->busy = true;
    sensor->judged = false;
    if (sensor->gone)
        g_idle_add(refuse_gone, sensor);
    return !sensor->gone;
}

/* Chips compare 1:1 by another command than 1:N, and not all know the latter. */
void sensor_press(struct sensor *sensor, GPtrArray *prints)
{
    if (!begin_operation(sensor))
        return;
    if (!sensor_compares(sensor) && prints->len == 1)
        fp_device_verify(sensor->device, g_ptr_array_index(prints, 0), sensor->cancel, on_match,
                         sensor, NULL, on_verified, sensor);
    else
        fp_device_identify(sensor->device, prints, sensor->cancel, on_match, sensor, NULL,
                           on_identified, sensor);
}

static void on_stage(FpDevice *device, gint completed, FpPrint *print, gpointer user, GError *error)
{
    struct sensor *sensor = user;
    struct sensor_press press = {.outcome = SENSOR_SCANNED};

    (void)device;
    (void)print;
    if (sensor->closed != NULL)
        return;
    if (error != NULL)
        press = failed_press(error);
    press.stage = completed;
    sensor->client.judged(sensor->client.user, &press);
}

static void on_enrolled(GObject *source, GAsyncResult *result, gpointer user)
{
    struct sensor *sensor = user;
    struct sensor_press press = {.outcome = SENSOR_SCANNED};
    g_autoptr(GError) error = NULL;
    g_autoptr(FpPrint) print = fp_device_enroll_finish(FP_DEVICE(source), result, &error);

    press.result = print;
    if (print != NULL)
        judge(sensor, &press);
    else
        judge_error(sensor, error);
    end_operation(sensor);
}

void sensor_enroll(struct sensor *sensor, unsigned finger)
{
    FpPrint *blank;

    if (!begin_operation(sensor))
        return;
    blank = fp_print_new(sensor->device);
    fp_print_set_finger(blank, fp3_finger(finger));
    fp_device_enroll(sensor->device, blank, sensor->cancel, on_stage, sensor, NULL, on_enrolled,
                     sensor);
}

static void on_forgotten(GObject *source, GAsyncResult *result, gpointer user)
{
    fp_device_delete_print_finish(FP_DEVICE(source), result, NULL);
    end_operation(user);
}

bool sensor_forget(struct sensor *sensor, FpPrint *print)
{
    if (!fp_device_has_feature(sensor->device, FP_DEVICE_FEATURE_STORAGE_DELETE) || sensor->gone)
        return false;
    sensor->busy = true;
    fp_device_delete_print(sensor->device, print, NULL, on_forgotten, sensor);
    return true;
}
