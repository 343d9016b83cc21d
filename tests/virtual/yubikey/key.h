/* SPDX-License-Identifier: Apache-2.0
 *
 * A virtual key: the model, where it is plugged in, who holds its interface, and what its bus does
 * wrong. The thread of the testbed and the main thread share it under `lock`.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_KEY_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_KEY_H

#include "tests/virtual/yubikey/model.h"

#include <glib.h>

#define KEY_BUS 250 /* no developer's machine has so many */

/* Faults of the bus, once, at one transfer. */
enum key_fault {
    KEY_SOUND,
    KEY_UNPLUG,
    KEY_STALL,
    KEY_EPROTO,
    KEY_HANG,
    KEY_SHORT,
    KEY_BUSY /* another program takes the interface for `busy_ms` */
};

struct key {
    GMutex lock;
    unsigned number; /* which of the fixture's keys, from 0 */
    struct model model;
    uint16_t product;
    bool plugged;
    bool leaving;    /* the testbed does not know yet */
    unsigned device; /* its number on the bus; another one at each plug */
    bool bound;      /* usbhid has the keyboard interface */
    const void *claimer;
    int64_t held_until; /* a foreign program holds the interface, ms */
    int64_t busy_ms;
    enum key_fault fault;
    unsigned fault_at; /* number of the transfer, from 1 */
    unsigned transfers, claims, opens;
    GSList *urbs;
    void *bus; /* struct bus */
};

/* Milliseconds of the monotonic clock. */
int64_t key_now(void);

#endif
