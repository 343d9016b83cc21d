/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of people on its way to the broker, and what comes back.
 */
#include "enroll/hr_import.h"

#include "enroll/lang.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

static bool write_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* A memfd that nobody can change any more; -1. */
static int list_file(const struct hr_result *r)
{
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int fd = memfd_create("toyama-hr", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    uint8_t head[HR_HEAD_MAX];
    size_t len = 0;

    if (fd < 0)
        return -1;
    if (hr_list_head(r->octets, head, sizeof(head), &len) == ROSTER_OK &&
        write_all(fd, head, len) && write_all(fd, r->der, r->octets) &&
        fcntl(fd, F_ADD_SEALS, seals) == 0)
        return fd;
    close(fd);
    return -1;
}

static void copy_pair(const struct hr_import *i, const char *key, struct admin_pairs *pairs)
{
    const char *value = admin_pair_get(&i->s->opt.pairs, key);

    if (value != NULL)
        admin_pair_add(pairs, key, value);
}

int hr_import_call(struct hr_import *i, const char *expect)
{
    struct admin_pairs pairs = {0};
    struct client_outcome outcome;
    const int fd = list_file(&i->file.result);
    const struct client_request request = {"hr.apply", &pairs, fd};
    struct report r;

    if (fd < 0) {
        r = report_make(EX_OSERR, "failed", _("There is not enough memory to read the file."), "");
        return report_failure(i->s, &r);
    }
    copy_pair(i, "from", &pairs);
    copy_pair(i, "partial", &pairs);
    if (expect != NULL)
        admin_pair_add(&pairs, "expect", expect);
    else
        admin_pair_add(&pairs, "dry-run", "yes");
    rows_free(&i->rows);
    r = report_of_call(client_call(enroll_socket(i->s), &request, NULL, &i->rows, &outcome),
                       &outcome);
    close(fd);
    return r.exit == EX_OK ? EX_OK : report_failure(i->s, &r);
}

static uint32_t number_of(const struct hr_import *i, size_t row, const char *key)
{
    char text[32] = "";

    rows_value(&i->rows, row, key, text, sizeof(text));
    return (uint32_t)strtoul(text, NULL, 10);
}

static bool is_kind(const struct hr_import *i, size_t row, const char *kind)
{
    char text[32] = "";

    return rows_value(&i->rows, row, "kind", text, sizeof(text)) && strcmp(text, kind) == 0;
}

static void take_total(struct hr_import *i, size_t row)
{
    i->added = number_of(i, row, "added");
    i->changed = number_of(i, row, "changed");
    i->rehired = number_of(i, row, "rehired");
    i->ended = number_of(i, row, "leaving");
}

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static void settle_lines(struct hr_import *i)
{
    size_t to = 0;

    qsort(i->line, i->lines, sizeof(*i->line), compare);
    for (size_t n = 0; n < i->lines; n++)
        if (i->line[n] != 0 && (to == 0 || i->line[n] != i->line[to - 1]))
            i->line[to++] = i->line[n];
    i->lines = to;
}

bool hr_import_count(struct hr_import *i)
{
    const struct hr_result *r = &i->file.result;

    i->refused = 0;
    i->lines = 0;
    free(i->line);
    i->line = calloc(r->kept + i->rows.count + 1, sizeof(*i->line));
    if (i->line == NULL)
        return false;
    for (size_t n = 0; n < r->kept; n++)
        i->line[i->lines++] = r->fault[n].line;
    for (size_t n = 0; n < i->rows.count; n++) {
        if (is_kind(i, n, "total"))
            take_total(i, n);
        if (!is_kind(i, n, "error"))
            continue;
        i->line[i->lines++] = number_of(i, n, "line");
        i->refused++;
    }
    settle_lines(i);
    return true;
}

size_t hr_import_errors(const struct hr_import *i)
{
    return i->file.result.faults + i->refused;
}
