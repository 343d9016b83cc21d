/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with the headers that it wants before it, and what all tests of core share.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_UNIT_H
#define TOYAMA_TESTS_UNIT_CORE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A parser under test: gets exactly `len` octets of heap, so that AddressSanitizer sees the first
 * octet read behind them. */
typedef void unit_parser(const uint8_t *buf, size_t len);

/* Copies to a heap block of exactly this size. The caller frees. */
uint8_t *unit_copy(const void *buf, size_t len);
/* The parser sees the input whole, cut behind every octet, and with each bit turned. */
void unit_sweep(const void *buf, size_t len, unit_parser *parser);
/* Reads every octet. */
void unit_touch(const void *buf, size_t len);
/* Hex digits to octets; returns how many. */
size_t unit_hex(const char *hex, uint8_t *out, size_t cap);

#endif
