/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/args.h"

#include <stdio.h>
#include <string.h>

enum { TAG_NAME = 0x80, TAG_KIND = 0x81, TAG_VALUE = 0x82 };

bool args_add(struct args *args, const char *name, enum arg_kind kind, const char *value)
{
    struct arg *arg;

    if (args->count >= ARGS_MAX || strlen(name) >= ARGS_NAME_MAX || strlen(value) >= ARGS_VALUE_MAX)
        return false;
    arg = &args->arg[args->count++];
    arg->kind = kind;
    memcpy(arg->name, name, strlen(name) + 1);
    memcpy(arg->value, value, strlen(value) + 1);
    return true;
}

bool args_add_number(struct args *args, const char *name, unsigned long value)
{
    char digits[24];

    snprintf(digits, sizeof(digits), "%lu", value);
    return args_add(args, name, ARG_NUMBER, digits);
}

const struct arg *args_find(const struct args *args, const char *name)
{
    for (size_t n = 0; n < args->count; n++)
        if (strcmp(args->arg[n].name, name) == 0)
            return &args->arg[n];
    return NULL;
}

int args_encode(const struct args *args, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);

    for (size_t n = 0; n < args->count; n++) {
        const struct arg *arg = &args->arg[n];
        size_t mark = tlv_open(&out, DER_SEQUENCE);
        tlv_put_text(&out, TAG_NAME, arg->name);
        tlv_put_uint(&out, TAG_KIND, (uint64_t)arg->kind);
        tlv_put_text(&out, TAG_VALUE, arg->value);
        tlv_close(&out, mark);
    }
    return tlv_finish(&out, len);
}

static bool name_is_plain(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

static int decode_one(struct tlv_cur *cur, struct arg *arg)
{
    struct tlv_cur one;
    struct tlv name = {0}, kind = {0}, value = {0};
    uint64_t number = 0;
    int r;

    if ((r = tlv_enter(cur, DER_SEQUENCE, &one)) != WIRE_OK ||
        (r = tlv_expect(&one, TAG_NAME, &name)) != WIRE_OK ||
        (r = tlv_expect(&one, TAG_KIND, &kind)) != WIRE_OK ||
        (r = tlv_expect(&one, TAG_VALUE, &value)) != WIRE_OK || (r = tlv_end(&one)) != WIRE_OK ||
        (r = tlv_text(&name, arg->name, sizeof(arg->name))) != WIRE_OK ||
        (r = tlv_uint(&kind, &number)) != WIRE_OK ||
        (r = tlv_text(&value, arg->value, sizeof(arg->value))) != WIRE_OK)
        return r;
    if (!name_is_plain(arg->name) || number < ARG_TEXT || number > ARG_ZONE)
        return WIRE_VALUE;
    arg->kind = (enum arg_kind)number;
    return WIRE_OK;
}

int args_decode(const void *buf, size_t len, struct args *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    int r;

    *out = (struct args){0};
    while (cur.left > 0) {
        if (out->count >= ARGS_MAX)
            return WIRE_LENGTH;
        if ((r = decode_one(&cur, &out->arg[out->count])) != WIRE_OK)
            return r;
        out->count++;
    }
    return WIRE_OK;
}
