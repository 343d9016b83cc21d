/* SPDX-License-Identifier: Apache-2.0
 *
 * A key's device node: the ioctls of linux/usbdevice_fs.h that libusb makes.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_USBFS_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_USBFS_H

#include "tests/virtual/yubikey/key.h"

#include <umockdev.h>

/* A handler for umockdev_testbed_attach_ioctl. The key outlives it. */
UMockdevIoctlBase *usbfs_new(struct key *key);
/* The key has left its socket: what was under way comes back to its clients. With the lock held. */
void usbfs_cut_off(struct key *key);

#endif
