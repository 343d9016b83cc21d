/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields as characters: decoding by iconv(3), and what a text must not hold.
 */
#ifndef TOYAMA_ENROLL_HR_TEXT_H
#define TOYAMA_ENROLL_HR_TEXT_H

#include "enroll/hr/csv.h"
#include "enroll/hr/hr.h"

#include <iconv.h>

struct hr_text {
    wchar_t c[CSV_FIELD_MAX + 1]; /* code points of Unicode; ends with 0 */
    size_t len;
};

struct hr_decoder {
    enum hr_encoding encoding; /* HR_DETECT until an octet above 0x7F was seen */
    iconv_t utf8, cp932;
};

bool hr_decoder_open(struct hr_decoder *d, enum hr_encoding encoding);
void hr_decoder_close(struct hr_decoder *d);
/* Chooses the encoding by a record with octets above 0x7F, where it is still open: UTF-8 where all
 * of it is well-formed, else CP932. */
void hr_decoder_choose(struct hr_decoder *d, const uint8_t *row, size_t len);
/* False where the octets are not of the encoding. At most CSV_FIELD_MAX octets. */
bool hr_decode(struct hr_decoder *d, const uint8_t *in, size_t len, struct hr_text *out);

/* As UTF-8 with a NUL, cut between characters where it does not fit; returns the octets of the
 * whole. */
size_t hr_text_utf8(const wchar_t *c, size_t len, char *out, size_t cap);
/* For people: what cannot be shown becomes U+FFFD, what is long is cut. */
void hr_text_show(const struct hr_text *t, char out[HR_VALUE_MAX]);
bool hr_text_is_blank(wchar_t c); /* also the ideographic blank */
/* Takes the blanks off both ends: HR systems fill fields up with them. */
void hr_text_trim(struct hr_text *t);
/* Takes out all blanks and line ends. */
void hr_text_squeeze(struct hr_text *t);
/* Full-width letters, digits and signs as ASCII. */
void hr_text_narrow(struct hr_text *t);
/* HR_F_CONTROL, HR_F_PRIVATE, HR_F_FORMULA, or HR_FAULT_KINDS where all is well. */
enum hr_fault_kind hr_text_judge(const struct hr_text *t);

#endif
