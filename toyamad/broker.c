/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/broker.h"

#include "toyamad/amend.h"
#include "toyamad/decoy.h"
#include "toyamad/file.h"
#include "toyamad/intake_keys.h"
#include "toyamad/log.h"
#include "toyamad/station/swap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOCK_SLACK   600 /* seconds that the clock may stand behind the records */
#define META_ACCEPTED "clock_accepted"
#define META_FLOOR    "clock_floor"

static void log_faults(char *faults)
{
    char *save = NULL;

    for (char *line = strtok_r(faults, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        log_error("config: %s", line);
}

static void load_config(struct broker *b)
{
    char *faults = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&faults, &len);

    if (out == NULL)
        return;
    b->config_good = config_load(&b->config, b->config_path, out);
    fclose(out);
    if (!b->config_good) {
        log_faults(faults);
        log_error("all logins are denied until %s is mended", b->config_path);
    }
    free(faults);
}

static int64_t registry_clock(void *ctx)
{
    return broker_now(ctx);
}

/* Other keys took over in the store, but not yet in the files. */
static bool recover_keys(struct broker *b, char *why, size_t cap)
{
    bool changed = false;

    if (b->config.roster.kind == REGISTER_TAKEN)
        return true;
    if (swap_begin(&b->registry, b->config.state, &changed, why, cap) != REGISTRY_OK)
        return false;
    return !changed || keys_load(&b->keys, b->config.roster.kind, b->config.state, why, cap);
}

static bool open_registry(struct broker *b)
{
    char path[PATH_MAX];
    char *why = b->registry_why;
    size_t cap = sizeof(b->registry_why);
    int err;

    if (!file_directory_trusted(b->config.state, why, cap) ||
        !keys_load(&b->keys, b->config.roster.kind, b->config.state, why, cap))
        return false;
    snprintf(path, sizeof(path), "%s/registry.db", b->config.state);
    err = registry_open(&b->registry, path, &b->keys, policy_zone_name(b->config.policy.zone), why,
                        cap);
    if (err != REGISTRY_OK)
        return false;
    if (!recover_keys(b, why, cap)) {
        registry_close(&b->registry);
        return false;
    }
    if (b->registry.rotated && !keys_end_rotation(&b->keys, b->config.state, why, cap)) {
        registry_close(&b->registry);
        return false;
    }
    b->registry.deputy_approvers = b->config.roster.deputy_approvers;
    b->registry.attributed = b->config.roster.kind == REGISTER_STATION;
    b->registry.clock = registry_clock;
    b->registry.clock_ctx = b;
    err = audit_open(&b->audit, &b->registry, b->config.state, b->config.policy.host, why, cap);
    if (err == REGISTRY_OK && b->config.policy.zone == ZONE_INDIVIDUAL_NUMBER)
        audit_keep_space(&b->audit, b->config.state);
    if (err == REGISTRY_OK)
        return true;
    registry_close(&b->registry);
    return false;
}

static bool make_decoy(struct broker *b)
{
    int err = REGISTRY_FAILED;

    b->decoy = calloc(1, sizeof(*b->decoy));
    if (b->decoy != NULL && decoy_begin(b->decoy, b->config.policy.require & FACTOR_POSSESSION))
        err = decoy_count(b->decoy, &b->registry);
    if (err == REGISTRY_OK)
        return true;
    snprintf(b->registry_why, sizeof(b->registry_why), "people cannot be counted: %s",
             registry_strerror(err));
    registry_close(&b->registry);
    return false;
}

void broker_load(struct broker *b, const char *config_path)
{
    b->config_path = config_path;
    load_config(b);
    if (!b->config_good)
        return;
    b->registry_good = open_registry(b) && make_decoy(b);
    if (b->registry_good)
        intake_keys_tidy(b);
    else
        log_error("all logins are denied: %s", b->registry_why);
    /* A folder that was not there when something was said may be there now. */
    amend_publish(b);
}

void broker_unload(struct broker *b)
{
    if (b->registry_good) {
        audit_keep_head(&b->audit);
        registry_close(&b->registry);
    }
    b->registry_good = false;
    if (b->decoy != NULL)
        decoy_end(b->decoy);
    free(b->decoy);
    free(b->judged);
    b->decoy = NULL;
    audit_close(&b->audit);
    keys_wipe(&b->keys);
}

static int64_t last_recorded(const struct broker *b)
{
    int64_t last = b->audit.head.last_time;

    return b->registry.issue.created > last ? b->registry.issue.created : last;
}

/* True where an operator said that the clock is right and the last record wrong; `floor` is the
 * clock of that moment. */
static bool clock_accepted(struct broker *b, int64_t *floor)
{
    int64_t accepted = 0;

    return registry_meta_get(&b->registry, META_ACCEPTED, &accepted) == REGISTRY_OK &&
           accepted == last_recorded(b) &&
           registry_meta_get(&b->registry, META_FLOOR, floor) == REGISTRY_OK;
}

int64_t broker_now(struct broker *b)
{
    int64_t clock = (int64_t)time(NULL), last = last_recorded(b);

    if (clock < last)
        clock_accepted(b, &last);
    return clock > last ? clock : last;
}

bool broker_clock_good(struct broker *b)
{
    int64_t clock = (int64_t)time(NULL), last = last_recorded(b);

    return clock >= last - CLOCK_SLACK || (clock_accepted(b, &last) && clock >= last - CLOCK_SLACK);
}

int broker_clock_accept(struct broker *b)
{
    int err = registry_meta_put(&b->registry, META_FLOOR, (int64_t)time(NULL));

    return err != REGISTRY_OK ? err
                              : registry_meta_put(&b->registry, META_ACCEPTED, last_recorded(b));
}

void broker_local_time(int64_t when, char *out, size_t cap)
{
    time_t t = (time_t)when;
    struct tm tm;

    out[0] = '\0';
    if (localtime_r(&t, &tm) != NULL &&
        strftime(out, cap, cap <= 11 ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M", &tm) == 0)
        out[0] = '\0';
}
