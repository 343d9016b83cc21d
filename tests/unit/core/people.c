/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/people.h"

#include <stdio.h>
#include <string.h>

static void fill_text(char *text, size_t size)
{
    memset(text, 'x', size - 1);
    text[size - 1] = '\0';
}

static void fill_credential(struct roster_credential *c, size_t n, size_t keys, size_t spkilen)
{
    memset(c->id, (int)(0x40 + n), sizeof(c->id));
    c->family = 1;
    c->state = ROSTER_ACTIVE;
    c->pin_ref = 0x80;
    c->enrolled = 1775000000;
    c->keys = keys;
    for (size_t k = 0; k < keys; k++) {
        c->key[k].ref = (const uint8_t[]){0x9E, 0x9A, 0x9C}[k];
        c->key[k].pin = k != 0;
        c->key[k].len = spkilen;
        memset(c->key[k].spki, (int)(0x50 + n + k), spkilen);
    }
}

static void fill_finger(struct roster_finger *f, size_t n)
{
    memset(f->id, (int)(0x60 + n), sizeof(f->id));
    f->finger = (uint8_t)(n + 1);
    f->enrolled = 1775000000;
    snprintf(f->driver, sizeof(f->driver), "uru4000");
    snprintf(f->device, sizeof(f->device), "0");
    f->width = 384;
    f->height = 290;
    f->samples = 5;
    memset(f->sealed_hash, (int)(0x70 + n), sizeof(f->sealed_hash));
}

void people_small(struct roster_record *r)
{
    *r = (struct roster_record){.category = ROSTER_REGULAR, .state = ROSTER_ACTIVE};
    memset(r->id, 0x11, sizeof(r->id));
    snprintf(r->number, sizeof(r->number), "012345");
    snprintf(r->name, sizeof(r->name), "\xE5\xB1\xB1\xE7\x94\xB0 \xE8\x8A\xB1\xE5\xAD\x90");
    r->valid_from = 1774969200;
    r->logins = 1;
    snprintf(r->login[0], sizeof(r->login[0]), "hanako");
    r->credentials = 1;
    fill_credential(&r->credential[0], 0, 1, 91);
    r->fingers = 1;
    fill_finger(&r->finger[0], 0);
}

void people_full(struct roster_record *r, size_t spkilen)
{
    people_small(r);
    fill_text(r->number, sizeof(r->number));
    fill_text(r->name, sizeof(r->name));
    fill_text(r->kana, sizeof(r->kana));
    fill_text(r->section, sizeof(r->section));
    r->category = ROSTER_CONTRACTOR;
    r->state = ROSTER_DESTROYED;
    r->valid_from = INT64_MAX - 1;
    r->valid_until = INT64_MAX;
    r->logins = ROSTER_LOGINS;
    for (size_t n = 0; n < ROSTER_LOGINS; n++) {
        fill_text(r->login[n], sizeof(r->login[n]));
        r->login[n][0] = (char)('a' + n);
    }
    r->credentials = ROSTER_CREDENTIALS;
    for (size_t n = 0; n < ROSTER_CREDENTIALS; n++) {
        struct roster_credential *c = &r->credential[n];
        fill_credential(c, n, ROSTER_KEYS, spkilen);
        fill_text(c->label, sizeof(c->label));
        c->hint_len = ROSTER_HINT_MAX;
        c->enrolled = INT64_MAX;
    }
    r->fingers = ROSTER_FINGERS;
    for (size_t n = 0; n < ROSTER_FINGERS; n++) {
        fill_finger(&r->finger[n], n);
        fill_text(r->finger[n].driver, sizeof(r->finger[n].driver));
        fill_text(r->finger[n].device, sizeof(r->finger[n].device));
        r->finger[n].enrolled = INT64_MAX;
        r->finger[n].samples = UINT8_MAX;
        r->finger[n].width = r->finger[n].height = UINT16_MAX;
    }
}
