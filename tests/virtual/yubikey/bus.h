/* SPDX-License-Identifier: Apache-2.0
 *
 * The bus: a testbed of umockdev with up to four sockets for keys. Its owner must itself run under
 * umockdev's preload library; one a process.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_BUS_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_BUS_H

#include "tests/virtual/yubikey/key.h"

#include <umockdev.h>

#define BUS_KEYS 4

struct bus {
    UMockdevTestbed *testbed;
    char *root;
    bool open; /* other users may use the keys, as udev rules would let them */
    unsigned next_device;
    struct key key[BUS_KEYS];
};

struct bus *bus_new(bool open);
void bus_free(struct bus *bus);
bool bus_plug(struct key *key);
void bus_unplug(struct key *key);
/* From the testbed's thread. */
void bus_unplug_later(struct key *key);

#endif
