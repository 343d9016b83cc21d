/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/finger.h"

#define BIT(name) FRAME_BIT(FINGER_F_##name)
#define PICTURE_PART                                                                               \
    (BIT(ATTEMPT) | BIT(NUMBER) | BIT(WIDTH) | BIT(HEIGHT) | BIT(OFFSET) | BIT(PIXELS))

const struct frame_rule finger_to_worker[] = {
    {FINGER_OPEN, BIT(ATTEMPT) | BIT(DRIVERS), BIT(SOCKET)},
    {FINGER_GALLERY, BIT(ATTEMPT) | BIT(GALLERY), 0},
    {FINGER_VERIFY, BIT(ATTEMPT) | BIT(NONCE), BIT(PRESSES)},
    {FINGER_ENROLL, BIT(ATTEMPT) | BIT(NONCE) | BIT(FINGER), BIT(PICTURES)},
    {FINGER_SEARCH, BIT(ATTEMPT) | BIT(NONCE), 0},
    {FINGER_LIST, BIT(ATTEMPT), BIT(SOCKET) | BIT(DRIVERS)},
    {FINGER_MATCHER, BIT(ATTEMPT), 0},
    {FINGER_PROBE, PICTURE_PART, 0},
    {FINGER_COMPARE, BIT(ATTEMPT) | BIT(NONCE) | BIT(PRESSES) | BIT(SAMPLES), BIT(LEFT_OUT)},
};
const size_t finger_to_worker_count = sizeof(finger_to_worker) / sizeof(finger_to_worker[0]);

const struct frame_rule finger_to_broker[] = {
    {FINGER_READY,
     BIT(ATTEMPT) | BIT(DRIVER) | BIT(DEVICE) | BIT(NAME) | BIT(STAGES) | BIT(PICTURES), 0},
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
    {FINGER_PICTURE, PICTURE_PART | BIT(NONCE), 0},
    {FINGER_COMPARED, BIT(ATTEMPT) | BIT(NONCE) | BIT(COUNT), BIT(LIST)},
};
const size_t finger_to_broker_count = sizeof(finger_to_broker) / sizeof(finger_to_broker[0]);

static int read_count(struct tlv_cur *row, uint32_t *out)
{
    struct tlv t = {0};
    uint64_t value = 0;
    int r;

    if ((r = tlv_expect(row, DER_INTEGER, &t)) != WIRE_OK || (r = tlv_uint(&t, &value)) != WIRE_OK)
        return r;
    if (value > UINT32_MAX)
        return WIRE_VALUE;
    *out = (uint32_t)value;
    return WIRE_OK;
}

int finger_hit_next(struct tlv_cur *list, struct finger_hit *out)
{
    struct tlv_cur row;
    struct tlv id = {0};
    int r;

    *out = (struct finger_hit){0};
    if ((r = tlv_enter(list, DER_SEQUENCE, &row)) != WIRE_OK ||
        (r = tlv_expect(&row, DER_OCTETS, &id)) != WIRE_OK ||
        (r = tlv_fixed(&id, out->id, sizeof(out->id))) != WIRE_OK ||
        (r = read_count(&row, &out->presses)) != WIRE_OK ||
        (r = read_count(&row, &out->pairs)) != WIRE_OK || (r = tlv_end(&row)) != WIRE_OK)
        return r;
    if (out->presses == 0 || out->presses > FINGER_PICTURES_MAX || out->pairs < out->presses)
        return WIRE_VALUE;
    return WIRE_OK;
}

void finger_hit_put(struct tlv_out *list, const struct finger_hit *hit)
{
    size_t mark = tlv_open(list, DER_SEQUENCE);

    tlv_put(list, DER_OCTETS, hit->id, sizeof(hit->id));
    tlv_put_uint(list, DER_INTEGER, hit->presses);
    tlv_put_uint(list, DER_INTEGER, hit->pairs);
    tlv_close(list, mark);
}
