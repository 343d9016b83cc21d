/* SPDX-License-Identifier: Apache-2.0
 *
 * Short-lived worker processes: own uid, empty environment, sandbox, one private socket pair as
 * descriptor 3, ended by closing it, then SIGTERM, then SIGKILL. Used by the links (card, finger
 * and token) only.
 */
#ifndef TOYAMA_TOYAMAD_WORKER_H
#define TOYAMA_TOYAMAD_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

struct worker;

struct worker_spec {
    const char *program; /* absolute path, from the root-owned config */
    const char *user;    /* whose uid and gid it runs under */
    const char *label;   /* for the log, and argv[0] */
    /* May be NULL: called with `owner` once a worker has ended by a signal or with a status other
     * than 0, even after worker_stop; not by worker_reap_all. */
    void (*unclean)(void *owner);
    void *owner;
};

/* `frame` gets each packet; `gone` is called once, when the worker closed its end or died by
 * itself. Neither is called after worker_stop. */
struct worker_ops {
    void (*frame)(void *ctx, const uint8_t *buf, size_t len);
    void (*gone)(void *ctx);
};

/* NULL, with the cause in the log, where it could not be started. */
struct worker *worker_start(sd_event *event, const struct worker_spec *spec,
                            const struct worker_ops *ops, void *ctx);
/* False where the worker does not take it: it is then to be stopped. */
bool worker_send(struct worker *w, const void *buf, size_t len);
/* Handles what the worker has sent already, without waiting. */
void worker_drain(struct worker *w);
/* Ends it: its channel closes now, so that it can let go of its device; SIGTERM and SIGKILL follow
 * if it does not end by itself. The memory is freed once it was reaped. NULL is allowed. */
void worker_stop(struct worker *w);
/* Ends and reaps all that are left, within two seconds; called before the broker exits. */
void worker_reap_all(void);

#endif
