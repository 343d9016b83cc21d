/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/finger.h"

#define BIT(name) FRAME_BIT(FINGER_F_##name)

const struct frame_rule finger_to_worker[] = {
    {FINGER_OPEN, BIT(ATTEMPT) | BIT(DRIVERS), BIT(SOCKET)},
    {FINGER_GALLERY, BIT(ATTEMPT) | BIT(GALLERY), 0},
    {FINGER_VERIFY, BIT(ATTEMPT) | BIT(NONCE), BIT(PRESSES)},
    {FINGER_ENROLL, BIT(ATTEMPT) | BIT(NONCE) | BIT(FINGER), 0},
    {FINGER_SEARCH, BIT(ATTEMPT) | BIT(NONCE), 0},
    {FINGER_LIST, BIT(ATTEMPT), BIT(SOCKET) | BIT(DRIVERS)},
};
const size_t finger_to_worker_count = sizeof(finger_to_worker) / sizeof(finger_to_worker[0]);

const struct frame_rule finger_to_broker[] = {
    {FINGER_READY, BIT(ATTEMPT) | BIT(DRIVER) | BIT(DEVICE) | BIT(NAME) | BIT(STAGES), 0},
    {FINGER_PRESS, BIT(ATTEMPT) | BIT(NONCE) | BIT(RESULT), BIT(STAGE) | BIT(STAGES)},
    {FINGER_MATCH, BIT(ATTEMPT) | BIT(NONCE) | BIT(ID) | BIT(FINGER) | BIT(DRIVER) | BIT(DEVICE),
     0},
    {FINGER_NO_MATCH, BIT(ATTEMPT) | BIT(NONCE), 0},
    {FINGER_ENROLLED,
     BIT(ATTEMPT) | BIT(NONCE) | BIT(FINGER) | BIT(DRIVER) | BIT(DEVICE) | BIT(TEMPLATE) |
         BIT(SAMPLES),
     BIT(WIDTH) | BIT(HEIGHT)},
    {FINGER_FAILED, BIT(ATTEMPT) | BIT(REASON), BIT(NONCE) | BIT(ID)},
    {FINGER_SENSORS, BIT(ATTEMPT), BIT(LIST)},
};
const size_t finger_to_broker_count = sizeof(finger_to_broker) / sizeof(finger_to_broker[0]);
