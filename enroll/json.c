/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/json.h"

#include "core/wire/tlv.h"

#include <string.h>

struct json json_begin(FILE *out)
{
    return (struct json){.out = out};
}

void json_end(struct json *j)
{
    fputc('\n', j->out);
    fflush(j->out);
}

static void separate(struct json *j)
{
    if (!j->after_key && j->filled[j->depth])
        fputc(',', j->out);
    j->filled[j->depth] = true;
    j->after_key = false;
}

void json_open(struct json *j, char bracket)
{
    separate(j);
    fputc(bracket, j->out);
    if (j->depth + 1 < JSON_DEPTH_MAX)
        j->depth++;
    j->filled[j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
    fputc(bracket, j->out);
    if (j->depth > 0)
        j->depth--;
}

static void put_escaped(FILE *out, unsigned char c)
{
    if (c == '"' || c == '\\')
        fprintf(out, "\\%c", c);
    else if (c == '\n')
        fputs("\\n", out);
    else if (c == '\t')
        fputs("\\t", out);
    else if (c < 0x20 || c == 0x7F)
        fprintf(out, "\\u%04x", c);
    else
        fputc(c, out);
}

/* Octets of the well-formed character of more than one octet at `p`, or 0. */
static size_t multibyte_length(const char *p)
{
    size_t left = strnlen(p, 4);

    for (size_t n = 2; n <= left; n++) {
        char copy[8];
        struct tlv t = {.val = (const uint8_t *)p, .len = n};
        if (tlv_text(&t, copy, sizeof(copy)) == WIRE_OK)
            return n;
    }
    return 0;
}

static void put_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t n = (unsigned char)*text < 0x80 ? 1 : multibyte_length(text);
        if (n == 1)
            put_escaped(out, (unsigned char)*text);
        else if (n == 0)
            fputs("\\ufffd", out);
        else
            fwrite(text, 1, n, out);
        text += n == 0 ? 1 : n;
    }
}

void json_text(struct json *j, const char *text)
{
    separate(j);
    fputc('"', j->out);
    put_text(j->out, text);
    fputc('"', j->out);
}

void json_key(struct json *j, const char *key)
{
    json_text(j, key);
    fputc(':', j->out);
    j->after_key = true;
}

void json_number(struct json *j, long value)
{
    separate(j);
    fprintf(j->out, "%ld", value);
}

void json_bool(struct json *j, bool value)
{
    separate(j);
    fputs(value ? "true" : "false", j->out);
}

void json_pair(struct json *j, const char *key, const char *text)
{
    json_key(j, key);
    json_text(j, text);
}
