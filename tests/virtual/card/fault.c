/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/fault.h"

#include "tests/virtual/card/hex.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum fault_kind kind;
    const char *raw;
} kinds[] = {
    {"drop", FAULT_DROP, ""},       {"lost", FAULT_LOST, ""},
    {"hang", FAULT_HANG, ""},       {"long", FAULT_LONG, ""},
    {"trickle", FAULT_TRICKLE, ""}, {"zero", FAULT_ZERO, ""},
    {"short", FAULT_RAW, "90"},     {"garbage", FAULT_RAW, "7C84FFFFFFFF8280DEADBEEF9000"},
};

static bool read_when(const char *when, struct fault *f)
{
    char *end = NULL;
    unsigned long at = strtoul(when, &end, 10);

    f->at = (unsigned)at;
    f->for_ever = *end == '+';
    return at > 0 && at < 100000 && (*end == '\0' || strcmp(end, "+") == 0);
}

static bool read_what(const char *what, struct fault *f)
{
    const char *hex = strchr(what, ':');

    if (hex != NULL) {
        bool sw = strncmp(what, "sw:", 3) == 0, raw = strncmp(what, "raw:", 4) == 0;
        f->kind = FAULT_RAW;
        return (sw || raw) && hex_read(hex + 1, f->raw, sizeof(f->raw), &f->raw_len) &&
               f->raw_len > 0 && (raw || f->raw_len == 2);
    }
    for (size_t n = 0; n < sizeof(kinds) / sizeof(kinds[0]); n++) {
        if (strcmp(what, kinds[n].name) == 0) {
            f->kind = kinds[n].kind;
            return hex_read(kinds[n].raw, f->raw, sizeof(f->raw), &f->raw_len);
        }
    }
    return false;
}

bool fault_add(struct faults *faults, const char *when, const char *what)
{
    struct fault f = {0};

    if (faults->count == FAULTS_MAX || !read_when(when, &f) || !read_what(what, &f))
        return false;
    faults->list[faults->count++] = f;
    return true;
}

const struct fault *fault_find(const struct faults *faults, unsigned nth)
{
    for (size_t n = 0; n < faults->count; n++) {
        const struct fault *f = &faults->list[n];
        if (f->at == nth || (f->for_ever && nth > f->at))
            return f;
    }
    return NULL;
}
