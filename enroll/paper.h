/* SPDX-License-Identifier: Apache-2.0
 *
 * Papers that go into a binder: record of a card's destruction (カード廃棄立会記録), certificate
 * that fingerprint data was deleted (消去証明書). Plain text for the printer, each from one row of
 * the broker's (toyamad/situations.h) and so from one event of the log.
 */
#ifndef TOYAMA_ENROLL_PAPER_H
#define TOYAMA_ENROLL_PAPER_H

#include "enroll/rows.h"

#include <stdio.h>

/* Rows of which there is a paper. */
size_t paper_count(const struct rows *rows);
/* One paper a row of which there is one; how many it wrote. */
size_t paper_print(FILE *out, const struct rows *rows);

#endif
