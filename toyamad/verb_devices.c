/* SPDX-License-Identifier: Apache-2.0
 *
 * devices: first the readers, then the sensors, then the security keys.
 */
#include "toyamad/task.h"

#include <stdio.h>

#define LIST_SECONDS 10

static void fault(struct task *t, const char *what)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "fault");
    admin_pair_add(&row, "what", what);
    task_row(t, &row);
}

static bool take_text(struct tlv_cur *cur, char *out, size_t cap)
{
    struct tlv text = {0};

    return tlv_expect(cur, DER_UTF8, &text) == WIRE_OK && tlv_text(&text, out, cap) == WIRE_OK;
}

static bool send_reader(struct task *t, struct tlv_cur *cur)
{
    struct admin_pairs row = {0};
    struct tlv_cur one;
    struct tlv card = {0};
    char name[CARD_READER_MAX];

    if (tlv_enter(cur, DER_SEQUENCE, &one) != WIRE_OK || !take_text(&one, name, sizeof(name)) ||
        tlv_expect(&one, DER_BOOLEAN, &card) != WIRE_OK || card.len != 1)
        return false;
    admin_pair_add(&row, "kind", "reader");
    admin_pair_add(&row, "name", name);
    admin_pair_add(&row, "card", card.val[0] != 0 ? "yes" : "no");
    task_row(t, &row);
    return true;
}

static bool send_sensor(struct task *t, struct tlv_cur *cur)
{
    struct admin_pairs row = {0};
    struct tlv_cur one;
    char driver[FINGER_DRIVER_MAX], device[FINGER_DEVICE_MAX], name[FINGER_DEVICE_MAX];

    if (tlv_enter(cur, DER_SEQUENCE, &one) != WIRE_OK || !take_text(&one, driver, sizeof(driver)) ||
        !take_text(&one, device, sizeof(device)) || !take_text(&one, name, sizeof(name)))
        return false;
    admin_pair_add(&row, "kind", "sensor");
    admin_pair_add(&row, "driver", driver);
    admin_pair_add(&row, "device", device);
    admin_pair_add(&row, "name", name);
    admin_pair_add(&row, "admitted",
                   policy_listed(t->broker->config.policy.sensors, driver) ? "yes" : "no");
    task_row(t, &row);
    return true;
}

static void send_token(struct task *t, const struct token_key *key)
{
    struct admin_pairs row = {0};
    char name[64];

    snprintf(name, sizeof(name), "YubiKey %u (%u.%u.%u)", key->serial, key->version[0],
             key->version[1], key->version[2]);
    admin_pair_add(&row, "kind", "token");
    admin_pair_add(&row, "name", name);
    task_row(t, &row);
}

static void on_tokens(void *ctx, const struct token_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type != TOKEN_PRESENT)
        fault(t, "toyama-yubikey ended without an answer");
    else if (e->reason == TOKEN_NO_RIGHTS)
        fault(t, "token-rights");
    else if (e->reason != 0 && e->reason != TOKEN_NO_KEY)
        fault(t, "a security key could not be opened");
    for (size_t n = 0; n < e->count; n++)
        send_token(t, &e->keys[n]);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* Where the host asks for none, nobody's key is opened. */
static void list_tokens(struct task *t)
{
    if ((t->broker->config.policy.require & FACTOR_TOKEN) == 0) {
        task_done(t, ADMIN_OK, NULL, "%s", "");
        return;
    }
    t->step = 2;
    task_arm(t, LIST_SECONDS);
    if (!t->done && !tokenlink_list(&t->token, t->broker, t->id, on_tokens, t)) {
        fault(t, "toyama-yubikey could not be started");
        task_done(t, ADMIN_OK, NULL, "%s", "");
    }
}

static void on_sensors(void *ctx, const struct finger_event *e)
{
    struct task *t = ctx;
    struct tlv_cur cur;

    if (t->done || t->step != 1)
        return;
    if (e->type == FINGER_SENSORS) {
        cur = tlv_der(e->data, e->len);
        while (cur.left > 0 && send_sensor(t, &cur))
            ;
    } else {
        fault(t, "toyama-finger ended without an answer");
    }
    list_tokens(t);
}

static void list_sensors(struct task *t)
{
    t->step = 1;
    task_arm(t, LIST_SECONDS);
    if (!t->done && !fingerlink_list(&t->finger, t->broker, t->id, on_sensors, t)) {
        fault(t, "toyama-finger could not be started");
        list_tokens(t);
    }
}

static void on_readers(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;
    struct tlv_cur cur;

    if (t->done || t->step != 0)
        return;
    if (e->type == CARD_READERS && e->reason == CARD_NO_SERVICE) {
        fault(t, "no-pcscd");
    } else if (e->type == CARD_READERS) {
        cur = tlv_der(e->data, e->len);
        while (cur.left > 0 && send_reader(t, &cur))
            ;
    } else {
        fault(t, "toyama-card ended without an answer");
    }
    list_sensors(t);
}

static void on_devices_late(struct task *t)
{
    if (t->step == 0) {
        fault(t, "no-pcscd");
        cardlink_close(&t->card);
        list_sensors(t);
    } else if (t->step == 1) {
        fault(t, "the sensors could not be listed in time");
        fingerlink_close(&t->finger);
        list_tokens(t);
    } else {
        fault(t, "the security keys could not be listed in time");
        task_done(t, ADMIN_OK, NULL, "%s", "");
    }
}

void host_devices(struct task *t)
{
    static const struct task_ops ops = {NULL, on_devices_late};

    t->ops = &ops;
    if (!task_take_devices(t))
        return;
    task_arm(t, LIST_SECONDS);
    if (!t->done && !cardlink_list(&t->card, t->broker, t->id, on_readers, t)) {
        fault(t, "toyama-card could not be started");
        list_sensors(t);
    }
}
