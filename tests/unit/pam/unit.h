/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with the headers that it wants before it.
 */
#ifndef TOYAMA_TESTS_UNIT_PAM_UNIT_H
#define TOYAMA_TESTS_UNIT_PAM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
