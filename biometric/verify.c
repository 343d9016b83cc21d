/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/verify.h"

#include "biometric/picture.h"
#include "biometric/worker.h"

void verify_begin(struct worker *worker)
{
    struct gallery *gallery = worker->gallery;

    worker->verify = (struct verify){.entry = -1};
    if (gallery->prints->len > 0) {
        worker->verify.prints = g_ptr_array_ref(gallery->prints);
        verify_step(worker);
    } else if (worker->now.type == FINGER_SEARCH && gallery->rows == 0) {
        worker_answer(worker, FINGER_NO_MATCH);
        worker_send(worker);
        worker_done(worker);
    } else {
        worker_fail(worker, FINGER_INCOMPATIBLE, NULL);
    }
}

void verify_step(struct worker *worker)
{
    sensor_press(worker->sensor, worker->verify.prints);
}

void verify_end(struct verify *verify)
{
    g_clear_pointer(&verify->prints, g_ptr_array_unref);
    g_clear_pointer(&verify->seen, g_free);
    verify->entry = -1;
    verify->matched = 0;
}

static void report_match(struct worker *worker, const struct gallery_entry *entry)
{
    FpDevice *device = sensor_device(worker->sensor);
    struct frame_out *out = worker_answer(worker, FINGER_MATCH);

    frame_put_u32(out, FINGER_F_FINGER, entry->finger);
    frame_put(out, FINGER_F_ID, entry->id, sizeof(entry->id));
    frame_put_text(out, FINGER_F_DRIVER, fp_device_get_driver(device));
    frame_put_text(out, FINGER_F_DEVICE, sensor_device_id(worker->sensor));
    worker_send(worker);
    worker_done(worker);
}

static void report_no_match(struct worker *worker)
{
    worker_answer(worker, FINGER_NO_MATCH);
    worker_send(worker);
    worker_done(worker);
}

/* The further presses must be of the finger that matched, not of any. */
static void ask_again(struct worker *worker)
{
    struct verify *verify = &worker->verify;

    g_ptr_array_unref(verify->prints);
    verify->prints = gallery_prints_of(worker->gallery, verify->entry);
    worker_press_report(worker, FINGER_PRESS_GOOD, verify->matched, worker->now.presses);
}

static bool picture_is_good(struct verify *verify, FpPrint *print)
{
    size_t minutiae = picture_minutiae(print);
    g_autofree char *digest = picture_digest(print);
    bool repeated = digest != NULL && g_strcmp0(digest, verify->seen) == 0;

    g_free(verify->seen);
    verify->seen = g_steal_pointer(&digest);
    return minutiae >= VERIFY_MINUTIAE_MIN && minutiae <= VERIFY_MINUTIAE_MAX && !repeated;
}

static void judge_scan(struct worker *worker, const struct sensor_press *press)
{
    struct verify *verify = &worker->verify;
    int entry = press->match != NULL ? gallery_owner(worker->gallery, press->match) : -1;
    const struct gallery_entry *found = gallery_entry(worker->gallery, entry);

    if (found == NULL || (verify->matched > 0 && entry != verify->entry)) {
        report_no_match(worker);
        return;
    }
    verify->entry = entry;
    verify->matched++;
    if (verify->matched < worker->now.presses)
        ask_again(worker);
    else
        report_match(worker, found);
}

static void judge_unread(struct worker *worker, enum finger_press kind)
{
    if (worker_count_retry(worker))
        worker_press_report(worker, kind, worker->verify.matched, worker->now.presses);
    else
        worker_fail(worker, FINGER_FAULT, NULL);
}

void verify_judge(struct worker *worker, const struct sensor_press *press)
{
    if (press->outcome == SENSOR_FAILED)
        worker_fail(worker, press->reason, NULL);
    else if (press->outcome == SENSOR_RETRY)
        judge_unread(worker, press->retry);
    else if (sensor_compares(worker->sensor) && !picture_is_good(&worker->verify, press->print))
        judge_unread(worker, FINGER_PRESS_NOISE);
    else
        judge_scan(worker, press);
}
