/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with what it needs before it.
 */
#ifndef TOYAMA_TESTS_UNIT_BIOMETRIC_CMOCKA_ALL_H
#define TOYAMA_TESTS_UNIT_BIOMETRIC_CMOCKA_ALL_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
