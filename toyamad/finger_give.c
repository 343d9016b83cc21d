/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/finger_give.h"

#include "core/wire/wipe.h"
#include "toyamad/task.h"

#include <stdlib.h>
#include <string.h>

bool finger_fits_sensor(const struct task *t, const struct roster_finger *f)
{
    return strcmp(f->driver, t->print.driver) == 0 && strcmp(f->device, t->print.device) == 0;
}

static bool give(struct task *t, const uint8_t person[ROSTER_ID_LEN], const struct roster_finger *f)
{
    uint8_t *template = malloc(FINGER_TEMPLATE_MAX);
    size_t len = 0;
    bool given = template != NULL &&
                 registry_template_get(&t->broker->registry, person, f, template,
                                       FINGER_TEMPLATE_MAX, &len) == REGISTRY_OK &&
                 fingerlink_add(&t->finger, f, template, len);

    wire_wipe(template, FINGER_TEMPLATE_MAX);
    free(template);
    return given;
}

bool finger_give_one(struct task *t, const struct roster_record *r, const struct roster_finger *f)
{
    if (give(t, r->id, f))
        return true;
    task_done(t, ADMIN_FAILED, "X13", "a template of %s cannot be used", r->number);
    return false;
}

bool finger_give(struct task *t, const struct roster_record *r, size_t *given)
{
    for (size_t n = 0; n < r->fingers; n++) {
        if (!finger_fits_sensor(t, &r->finger[n]))
            continue;
        if (!finger_give_one(t, r, &r->finger[n]))
            return false;
        (*given)++;
    }
    return true;
}

void finger_failed(struct task *t, const struct finger_event *e)
{
    static const struct {
        enum admin_result result;
        const char *msg, *detail;
    } row[] = {
        [FINGER_NO_SENSOR] = {ADMIN_UNAVAILABLE, "M15", "no fingerprint sensor was found"},
        [FINGER_NOT_ADMITTED] = {ADMIN_UNAVAILABLE, "X28",
                                 "the sensor is not admitted by the config"},
        [FINGER_GONE] = {ADMIN_UNAVAILABLE, "M15", "the sensor was removed"},
        [FINGER_FAULT] = {ADMIN_UNAVAILABLE, "X16", "the sensor failed"},
        [FINGER_HOT] = {ADMIN_UNAVAILABLE, "X27", "the sensor is hot"},
        [FINGER_INCOMPATIBLE] = {ADMIN_UNAVAILABLE, "X28", "the templates are of another sensor"},
        [FINGER_BAD_TEMPLATE] = {ADMIN_FAILED, "X13", "a template is not what the record says"},
        [FINGER_POOR] = {ADMIN_REFUSED, "K11", "the presses do not make a usable template"},
        [FINGER_DUPLICATE] = {ADMIN_EXISTS, "K10", "this finger of the person is registered"},
        [FINGER_BUSY] = {ADMIN_UNAVAILABLE, "X16", "the sensor is in use by another program"},
    };

    if (e->reason < sizeof(row) / sizeof(row[0]) && row[e->reason].msg != NULL)
        task_done(t, row[e->reason].result, row[e->reason].msg, "%s", row[e->reason].detail);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger failed");
}
