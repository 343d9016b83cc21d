/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/record.h"

#include "tests/virtual/card/hex.h"

#include <stdlib.h>

#define LOG_MAX (4u << 20)

void record_free(struct record *r)
{
    if (r->log != NULL)
        fclose(r->log);
    free(r->text);
    *r = (struct record){0};
}

void record_start(struct record *r)
{
    bool logging = r->logging;

    record_free(r);
    r->logging = logging;
    r->log = open_memstream(&r->text, &r->text_len);
}

static void put_line(struct record *r, char mark, const uint8_t *data, size_t len)
{
    if (r->log == NULL || !r->logging || r->text_len > LOG_MAX)
        return;
    fprintf(r->log, "%c ", mark);
    hex_print(r->log, data, len);
    fputc('\n', r->log);
    fflush(r->log);
}

void record_command(struct record *r, const uint8_t *apdu, size_t len)
{
    r->apdus++;
    r->command_octets += len;
    put_line(r, '>', apdu, len);
}

void record_answer(struct record *r, const uint8_t *answer, size_t len)
{
    r->answer_octets += len;
    put_line(r, '<', answer, len);
}

const char *record_text(struct record *r)
{
    return r->text != NULL ? r->text : "";
}
