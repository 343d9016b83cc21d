/* SPDX-License-Identifier: Apache-2.0
 *
 * What sysfs says about a key: the record that umockdev makes files from.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_USB_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_USB_H

#include "tests/virtual/yubikey/key.h"

/* The caller frees. The OTP interface, number 0, is there where the product has it. */
char *usb_record(const struct key *key);
char *usb_syspath(const struct key *key); /* "/sys/devices/..." */
char *usb_node(const struct key *key);    /* "/dev/bus/usb/250/100" */

#endif
