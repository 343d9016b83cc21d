/* SPDX-License-Identifier: Apache-2.0
 *
 * HR files for tests: read from memory in pieces, in UTF-8 and CP932.
 */
#ifndef TOYAMA_TESTS_UNIT_ENROLL_HR_FILES_H
#define TOYAMA_TESTS_UNIT_ENROLL_HR_FILES_H

#include "enroll/hr/hr.h"

#define HEAD "職員番号,氏名,カナ,所属,区分,採用日,任期満了日\r\n"
#define GOOD "012345,砺波 太郎,トナミ タロウ,市民課,正規,2026-04-01,\r\n"

#define SECTIONS "\xEF\xBB\xBF税務課\r\n\r\n市民課\r\n総務課\r\n"

struct memory {
    const uint8_t *p;
    size_t left;
    size_t piece; /* octets that one read gives at most; 0: all that is asked for */
    size_t taken;
    bool fails; /* instead of the end */
};

ssize_t memory_read(void *ctx, void *buf, size_t cap);
/* The config's standard values, with these sections ("" none; a line each). `changes`: pairs of
 * key and value, ends with NULL; or NULL. */
void format_load(struct hr_format *format, const char *sections, const char *const *changes);
/* False with `why` where the words are no good. */
bool format_try(struct hr_format *format, const char *const *changes, char *why, size_t cap);
/* UTF-8 to CP932; returns the octets. */
size_t to_cp932(const char *text, char *out, size_t cap);

/* Of most tests: the words, and what was read by them. */
extern struct hr_format hr_words;
extern struct hr_result hr_got;
/* Reads in small pieces into hr_got, which is to be freed. */
int read_octets(const void *p, size_t len, enum hr_encoding encoding);
/* The text in this encoding, which is then to be found out. */
int read_text(const char *text, enum hr_encoding encoding);
/* Only this fault; frees what was read. */
void expect_one(enum hr_fault_kind kind, uint32_t line);
#define OCTETS(text) text, sizeof(text) - 1

#endif
