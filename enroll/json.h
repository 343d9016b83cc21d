/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes one JSON document (RFC 8259) to a stream. Text that is not UTF-8 becomes U+FFFD; the
 * document stays well-formed whatever the broker or a file name holds.
 */
#ifndef TOYAMA_ENROLL_JSON_H
#define TOYAMA_ENROLL_JSON_H

#include <stdbool.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 8

struct json {
    FILE *out;
    unsigned depth;
    bool filled[JSON_DEPTH_MAX]; /* something stands in the object or array of this depth */
    bool after_key;
};

struct json json_begin(FILE *out);
/* Ends the line; every object and array must be closed. */
void json_end(struct json *j);
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);
void json_key(struct json *j, const char *key);
void json_text(struct json *j, const char *text);
void json_number(struct json *j, long value);
void json_bool(struct json *j, bool value);
/* A key with its text. */
void json_pair(struct json *j, const char *key, const char *text);

#endif
