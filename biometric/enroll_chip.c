/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/enroll.h"

#include "biometric/fp3.h"
#include "biometric/worker.h"

#define MISSES_MAX 3 /* confirming presses that may fail */

/* A print that nobody will ever ask for must not fill up the chip; the broker hears of the failure
 * afterwards, because it may end the worker over it. */
static void clean_up(struct worker *worker)
{
    g_autoptr(FpPrint) print = g_steal_pointer(&worker->enroll.chip);

    if (print == NULL || !sensor_forget(worker->sensor, print))
        worker_fail(worker, worker->enroll.failure, NULL);
}

void enroll_chip_step(struct worker *worker)
{
    g_autoptr(GPtrArray) prints = NULL;

    if (worker->enroll.failure != 0) {
        clean_up(worker);
        return;
    }
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

static void report_chip_print(struct worker *worker)
{
    g_autoptr(GPtrArray) octets = g_ptr_array_new();
    GBytes *one = fp3_write(worker->enroll.chip, worker->now.finger);

    if (one == NULL) {
        worker->enroll.failure = FINGER_INTERNAL;
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
            enroll->failure = FINGER_POOR;
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

/* Without a print there is nothing to clean up, and the operation under way may never end. */
static void give_up(struct worker *worker, enum finger_reason reason)
{
    if (worker->enroll.chip == NULL)
        worker_fail(worker, reason, NULL);
    else
        worker->enroll.failure = reason;
}

static void judge_unread(struct worker *worker, const struct sensor_press *press)
{
    bool confirming = worker->enroll.chip != NULL;

    if (worker_count_retry(worker))
        report_stage(worker, press->retry,
                     confirming ? confirming_stage(worker) : (size_t)press->stage);
    else
        give_up(worker, FINGER_FAULT);
}

void enroll_chip_judge(struct worker *worker, const struct sensor_press *press)
{
    if (press->outcome == SENSOR_FAILED)
        give_up(worker, press->reason);
    else if (press->outcome == SENSOR_RETRY)
        judge_unread(worker, press);
    else if (worker->enroll.chip != NULL)
        judge_confirming(worker, press);
    else
        judge_stage(worker, press);
}
