/* SPDX-License-Identifier: Apache-2.0
 *
 * Days as HR files write them: 2027-04-01, 2027/4/1, 20270401 and, in wareki, R9.4.1 or with the
 * era's name and the signs of year, month and day.
 */
#ifndef TOYAMA_ENROLL_HR_DATE_H
#define TOYAMA_ENROLL_HR_DATE_H

#include "enroll/hr/text.h"

/* HR_FAULT_KINDS where all is well, else HR_F_DATE, HR_F_DAY or HR_F_ERA. Changes the text: blanks
 * and full-width digits. */
enum hr_fault_kind hr_date_parse(struct hr_text *t, uint32_t *out);

#endif
