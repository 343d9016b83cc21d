/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/calling.h"

#include "enroll/progress.h"

#include <string.h>
#include <sysexits.h>

struct report calling_run_without(const struct session *s, const struct client_request *request,
                                  struct rows *rows, const char *unsaid)
{
    struct progress progress = progress_begin(s->opt.json, s->opt.pin_stdin);
    struct client_hooks hooks = progress_hooks(&progress);
    struct client_outcome outcome;
    struct report r;

    progress.unsaid = unsaid;
    r = report_of_call(client_call(enroll_socket(s), request, &hooks, rows, &outcome), &outcome);
    progress_end(&progress, r.exit == EX_OK);
    if (r.exit == EX_OK && outcome.msg[0] == '\0')
        r.message[0] = '\0';
    return r;
}

struct report calling_run(const struct session *s, const struct client_request *request,
                          struct rows *rows)
{
    return calling_run_without(s, request, rows, NULL);
}

static bool is_kind(const struct rows *rows, size_t n, const char *kind)
{
    char value[32] = "";

    return rows_value(rows, n, "kind", value, sizeof(value)) && strcmp(value, kind) == 0;
}

void calling_range(const struct rows *rows, const char *kind, size_t *from, size_t *to)
{
    *from = 0;
    while (*from < rows->count && !is_kind(rows, *from, kind))
        (*from)++;
    *to = *from;
    while (*to < rows->count && is_kind(rows, *to, kind))
        (*to)++;
}
