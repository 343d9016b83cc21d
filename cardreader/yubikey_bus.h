/* SPDX-License-Identifier: Apache-2.0
 *
 * Which YubiKeys are plugged in, as sysfs tells it: without opening any of them, because an open
 * key cannot type.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_BUS_H
#define TOYAMA_CARDREADER_YUBIKEY_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YUBIKEY_BUS_MAX 16

/* A key that is plugged in again gets another number. */
struct yubikey_seen {
    size_t count;
    uint32_t node[YUBIKEY_BUS_MAX]; /* bus << 16 | device */
};

/* Keys with their OTP interface on; others cannot answer. */
void yubikey_bus_scan(struct yubikey_seen *out);
/* True where something of `before` is missing in `now`. */
bool yubikey_bus_lost(const struct yubikey_seen *before, const struct yubikey_seen *now);

#endif
