/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/enroll.h"

#include "biometric/fp3.h"
#include "biometric/worker.h"

#define MISSES_MAX 3 /* confirming presses that may fail */

void enroll_chip_step(struct worker *worker)
{
    g_autoptr(GPtrArray) prints = NULL;

    if (worker->enroll.chip == NULL) {
        sensor_enroll(worker->sensor, worker->now.finger);
        return;
    }
    prints = g_ptr_array_new();
    g_ptr_array_add(prints, worker->enroll.chip);
    sensor_press(worker->sensor, prints);
}

static void report_stage(struct worker *worker, enum finger_press result, size_t stage)
{
    worker_press_report(worker, result, stage, enroll_stages(worker->sensor));
}

/* A print that nobody will ever ask for must not fill up the chip. */
static void give_up(struct worker *worker, enum finger_reason reason)
{
    g_clear_object(&worker->forget);
    worker->forget = g_steal_pointer(&worker->enroll.chip);
    worker_fail(worker, reason, NULL);
}

static void report_chip_print(struct worker *worker)
{
    g_autoptr(GPtrArray) octets = g_ptr_array_new();
    GBytes *one = fp3_write(worker->enroll.chip, worker->now.finger);

    if (one == NULL) {
        give_up(worker, FINGER_INTERNAL);
        return;
    }
    g_ptr_array_add(octets, one);
    enroll_report(worker, octets);
    fp3_release(one);
}

static size_t confirming_stage(const struct worker *worker)
{
    return enroll_stages(worker->sensor) - ENROLL_CONFIRM + worker->enroll.confirmed;
}

static void judge_confirming(struct worker *worker, const struct sensor_press *press)
{
    struct enroll *enroll = &worker->enroll;

    if (press->match == NULL) {
        if (++enroll->missed > MISSES_MAX)
            give_up(worker, FINGER_POOR);
        else
            report_stage(worker, FINGER_PRESS_OTHER, confirming_stage(worker));
        return;
    }
    enroll->confirmed++;
    report_stage(worker, FINGER_PRESS_GOOD, confirming_stage(worker));
    if (enroll->confirmed >= ENROLL_CONFIRM)
        report_chip_print(worker);
}

static void judge_stage(struct worker *worker, const struct sensor_press *press)
{
    if (press->result != NULL)
        worker->enroll.chip = g_object_ref(press->result);
    else
        report_stage(worker, FINGER_PRESS_GOOD, (size_t)press->stage);
}

void enroll_chip_judge(struct worker *worker, const struct sensor_press *press)
{
    struct enroll *enroll = &worker->enroll;

    if (press->outcome == SENSOR_FAILED && enroll->chip != NULL) {
        give_up(worker, press->reason);
    } else if (press->outcome != SENSOR_SCANNED) {
        if (worker_retry(worker, press))
            report_stage(worker, press->retry,
                         enroll->chip != NULL ? confirming_stage(worker) : (size_t)press->stage);
    } else if (enroll->chip != NULL) {
        judge_confirming(worker, press);
    } else {
        judge_stage(worker, press);
    }
}
