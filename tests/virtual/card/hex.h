/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_HEX_H
#define TOYAMA_TESTS_VIRTUAL_CARD_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Whole octets only; false where the text is no hex or does not fit. */
bool hex_read(const char *text, uint8_t *out, size_t cap, size_t *len);
void hex_print(FILE *file, const uint8_t *data, size_t len);

#endif
