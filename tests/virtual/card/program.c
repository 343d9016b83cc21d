/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/program.h"

#include "tests/virtual/card/applet.h"

#include <string.h>

#define RETRY_MS     50
#define CONTROL_ATR  0x04
#define CONTROL_LAST 0x02 /* power off, power on, reset: no answer */

/* T=1 only. */
void program_set_default_atr(struct program *p)
{
    const char *historical = p->card.applet->historical;
    size_t len = strlen(historical);
    uint8_t check = 0;

    p->atr[0] = 0x3B;
    p->atr[1] = (uint8_t)(0x80 | len);
    p->atr[2] = 0x01;
    memcpy(p->atr + 3, historical, len);
    for (size_t n = 1; n < 3 + len; n++)
        check ^= p->atr[n];
    p->atr[3 + len] = check;
    p->atr_len = len + 4;
}

static void unplug(struct program *p)
{
    vpcd_disconnect(&p->vpcd);
    card_reset(&p->card);
    p->hung = false;
}

void program_insert(struct program *p)
{
    if (p->inserted)
        return;
    p->inserted = true;
    record_start(&p->record);
    program_tick(p);
}

void program_remove(struct program *p)
{
    unplug(p);
    p->inserted = false;
}

int program_timeout(const struct program *p)
{
    int64_t left;

    if (p->inserted && p->vpcd.fd < 0)
        return RETRY_MS;
    if (p->vpcd.fd < 0 || p->vpcd.out_at == p->vpcd.out_len)
        return -1;
    left = p->vpcd.out_due - vpcd_now();
    return left > 0 ? (int)left : 0;
}

void program_tick(struct program *p)
{
    if (p->inserted && p->vpcd.fd < 0)
        vpcd_connect(&p->vpcd);
    if (!vpcd_flush(&p->vpcd))
        unplug(p);
}

static void answer(struct program *p, const uint8_t *body, size_t len, unsigned key_operations,
                   bool trickle)
{
    int64_t octets = (int64_t)(p->command_len + len);
    int64_t delay = (int64_t)p->ms_per_apdu + octets * p->us_per_octet / 1000 +
                    (int64_t)key_operations * p->ms_per_key_operation + p->card.delay_ms;

    record_answer(&p->record, body, len);
    vpcd_answer(&p->vpcd, body, len, delay, trickle);
}

static void run_apdu(struct program *p, const uint8_t *apdu, size_t len, bool trickle)
{
    static uint8_t out[ISO_ANSWER_MAX];
    unsigned before = p->card.key_operations;
    size_t out_len = iso_process(&p->card, apdu, len, out);

    answer(p, out, out_len, p->card.key_operations - before, trickle);
}

static void answer_long(struct program *p)
{
    static uint8_t out[VPCD_BODY_MAX];

    out[VPCD_BODY_MAX - 2] = 0x90;
    answer(p, out, sizeof(out), 0, false);
}

static void run_fault(struct program *p, const struct fault *f, const uint8_t *apdu, size_t len)
{
    switch (f->kind) {
    case FAULT_DROP:
        program_remove(p);
        break;
    case FAULT_LOST:
        run_apdu(p, apdu, len, false);
        program_remove(p);
        break;
    case FAULT_HANG:
        p->hung = true;
        break;
    case FAULT_RAW:
    case FAULT_ZERO:
        answer(p, f->raw, f->raw_len, 0, false);
        break;
    case FAULT_LONG:
        answer_long(p);
        break;
    case FAULT_TRICKLE:
        run_apdu(p, apdu, len, true);
        break;
    case FAULT_NONE:
    default:
        run_apdu(p, apdu, len, false);
    }
}

static void handle_frame(struct program *p, const uint8_t *body, size_t len)
{
    const struct fault *f;

    if (len == 1 && body[0] <= CONTROL_LAST) {
        card_reset(&p->card);
        return;
    }
    if (len == 1 && body[0] == CONTROL_ATR) {
        vpcd_answer(&p->vpcd, p->atr, p->atr_len, 0, false);
        return;
    }
    p->command_len = len;
    p->card.delay_ms = 0;
    record_command(&p->record, body, len);
    f = fault_find(&p->faults, p->record.apdus);
    if (f != NULL)
        run_fault(p, f, body, len);
    else
        run_apdu(p, body, len, false);
}

void program_read(struct program *p)
{
    const uint8_t *body;
    size_t len = 0;

    if (!vpcd_receive(&p->vpcd)) {
        unplug(p);
        return;
    }
    while (!p->hung && p->vpcd.fd >= 0 && (body = vpcd_frame(&p->vpcd, &len)) != NULL) {
        handle_frame(p, body, len);
        vpcd_consume(&p->vpcd);
    }
    program_tick(p);
}
