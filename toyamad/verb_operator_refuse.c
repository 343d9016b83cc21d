/* SPDX-License-Identifier: Apache-2.0
 *
 * operator open that opens nothing: whatever ended it, the log says who was meant and why.
 */
#include "toyamad/attempt.h"
#include "toyamad/log.h"
#include "toyamad/task.h"
#include "toyamad/verb_operator.h"

#include <stdio.h>
#include <string.h>

/* By what the operator is told. */
static const struct {
    const char *msg, *cause;
} causes[] = {
    {"X05", "worker"},          {"X06", "not-in-time"},     {"X07", "removed"},
    {"X10", "no-card-service"}, {"X15", "card-unreadable"}, {"X16", "sensor"},
    {"X21", "devices-in-use"},  {"X35", "shared-key"},      {"X65", "token-unreadable"},
    {"X66", "token-untouched"}, {"X69", "not-proven"},      {"X79", "no-card"},
    {"X89", "no-role"},         {"M08", "stopped"},
};

static const char *cause_of(const char *msg, enum admin_result result)
{
    for (size_t n = 0; msg != NULL && n < sizeof(causes) / sizeof(causes[0]); n++)
        if (strcmp(causes[n].msg, msg) == 0)
            return causes[n].cause;
    if (result == ADMIN_NOT_FOUND)
        return "unknown-person";
    if (result == ADMIN_REFUSED)
        return "cancelled";
    return result == ADMIN_UNAVAILABLE ? "abandoned" : "failed";
}

static void describe(const struct task *t, const char *cause, struct chain_event *event)
{
    char text[16];

    task_describe(t, "operator-refused", t->desk.found ? &t->credential : NULL, event);
    chain_event_add(event, "cause", cause);
    snprintf(text, sizeof(text), "%u", t->client != NULL ? (unsigned)t->client->uid : 0);
    chain_event_add(event, "uid", text);
}

static bool record(struct broker *b, struct chain_event *event)
{
    int err;

    folded_tell(&b->openings, event);
    err = audit_write(&b->audit, event, broker_now(b));
    if (err == REGISTRY_OK)
        b->openings.left_out = 0;
    else
        log_error("operator open: what failed could not be recorded: %s", registry_strerror(err));
    return err == REGISTRY_OK;
}

void operator_failed(struct task *t, enum admin_result result, const char *msg)
{
    struct chain_event event;

    if (folded_more(&t->broker->openings))
        return;
    describe(t, cause_of(msg, result), &event);
    record(t->broker, &event);
}

void operator_write_folded(struct broker *b)
{
    struct chain_event event = {.kind = "operator-refused"};

    if (!b->registry_good || b->openings.left_out == 0)
        return;
    chain_event_add(&event, "cause", "several");
    chain_event_add(&event, "operator", "root");
    record(b, &event);
}

void operator_refuse(struct task *t, const char *msg, const char *cause)
{
    struct chain_event event;

    t->failed = NULL;
    describe(t, cause, &event);
    if (record(t->broker, &event))
        task_done(t, ADMIN_REFUSED, msg, "no session for %s: %s", t->person.number, cause);
    else
        task_done(t, ADMIN_FAILED, NULL, "the event could not be recorded");
}
