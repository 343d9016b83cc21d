/* SPDX-License-Identifier: Apache-2.0
 *
 * What an event costs: bench-log DIR writes some into a new store there and prints the median of
 * the whole write (with the disk's sync) and of the signed head alone.
 */
#include "toyamad/audit/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RUNS 400

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void print(const char *what, double *micros)
{
    qsort(micros, RUNS, sizeof(*micros), compare);
    printf("%-28s median %7.0f us, worst %7.0f us\n", what, micros[RUNS / 2], micros[RUNS - 1]);
}

static int measure(struct audit *audit)
{
    static double whole[RUNS], head[RUNS];
    struct chain_event event = {.kind = "login"};
    double begun;
    int err = REGISTRY_OK;

    chain_event_add(&event, "service", "su");
    chain_event_add(&event, "result", "granted");
    for (size_t n = 0; n < RUNS && err == REGISTRY_OK; n++) {
        begun = now(CLOCK_MONOTONIC);
        err = audit_write(audit, &event, (int64_t)time(NULL));
        whole[n] = now(CLOCK_MONOTONIC) - begun;
        if (err == REGISTRY_OK && (err = registry_begin(audit->reg)) == REGISTRY_OK) {
            begun = now(CLOCK_THREAD_CPUTIME_ID);
            err = head_write(audit);
            head[n] = now(CLOCK_THREAD_CPUTIME_ID) - begun;
            registry_rollback(audit->reg);
        }
    }
    if (err == REGISTRY_OK) {
        print("an event, on the disk", whole);
        print("its signed head, processor", head);
    }
    return err;
}

int main(int argc, char **argv)
{
    struct keys keys = {0};
    struct registry reg = {0};
    struct audit audit = {0};
    char path[4096], why[256] = "";
    int err = REGISTRY_FAILED;

    if (argc != 2 || mkdir(argv[1], 0700) != 0)
        return fprintf(stderr, "usage: bench-log DIR (a new one)\n"), 2;
    snprintf(path, sizeof(path), "%s/registry.db", argv[1]);
    if (keys_create(argv[1], why, sizeof(why)) &&
        keys_load(&keys, REGISTER_OWN, argv[1], why, sizeof(why)) &&
        (err = registry_create(path, &keys, "lgwan", 1)) == REGISTRY_OK &&
        (err = registry_open(&reg, path, &keys, "lgwan", why, sizeof(why))) == REGISTRY_OK &&
        (err = audit_open(&audit, &reg, argv[1], "bench", why, sizeof(why))) == REGISTRY_OK)
        err = measure(&audit);
    if (err != REGISTRY_OK)
        fprintf(stderr, "bench-log: %s %s\n", registry_strerror(err), why);
    audit_close(&audit);
    registry_close(&reg);
    keys_wipe(&keys);
    return err == REGISTRY_OK ? 0 : 1;
}
