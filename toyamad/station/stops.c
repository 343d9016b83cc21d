/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/stops.h"

#include "core/wire/card.h"
#include "core/wire/wipe.h"
#include "toyamad/registry/zones.h"

#include <string.h>

#define LABEL      "toyama stop"
#define AAD_LEN    (sizeof(LABEL) + ROSTER_ID_LEN + 4)
#define SECRET_LEN 4
#define SEALED_MAX (SECRET_LEN + CRYPTO_SEAL_EXTRA)

static void put_u32(uint8_t out[4], uint32_t value)
{
    for (int n = 0; n < 4; n++)
        out[n] = (uint8_t)(value >> (24 - 8 * n));
}

static void make_aad(const uint8_t credential[ROSTER_ID_LEN], uint32_t slot, uint8_t aad[AAD_LEN])
{
    memcpy(aad, LABEL, sizeof(LABEL));
    memcpy(aad + sizeof(LABEL), credential, ROSTER_ID_LEN);
    put_u32(aad + sizeof(LABEL) + ROSTER_ID_LEN, slot);
}

static int keep_secret(struct station *st, const struct keys *keys,
                       const uint8_t credential[ROSTER_ID_LEN], const struct stop_code *code)
{
    uint8_t aad[AAD_LEN], secret[SECRET_LEN], sealed[SEALED_MAX];
    size_t len = 0;
    int r;

    make_aad(credential, code->slot, aad);
    put_u32(secret, code->secret);
    r = crypto_seal(keys->seal, aad, sizeof(aad), secret, sizeof(secret), sealed, sizeof(sealed),
                    &len);
    wire_wipe(secret, sizeof(secret));
    return r == CRYPTO_OK ? zones_stop_put(st->reg, credential, code->slot, sealed, len)
                          : REGISTRY_FAILED;
}

static int assign(struct station *st, struct roster_credential *c)
{
    struct stop_code code = {0};
    uint32_t slot = 0;
    int err = zones_stop_slot(st->reg, &slot);

    if (err == REGISTRY_OK &&
        (stop_make(slot, &code) != STOP_OK || stop_hash(&code, c->id, c->stop_hash) != STOP_OK))
        err = REGISTRY_FAILED;
    if (err == REGISTRY_OK)
        err = keep_secret(st, st->keys, c->id, &code);
    wire_wipe(&code, sizeof(code));
    if (err != REGISTRY_OK)
        return station_fail(st, err, "no stop code: %s", registry_strerror(err));
    c->slot = slot;
    c->stop_len = sizeof(c->stop_hash);
    return REGISTRY_OK;
}

int stops_assign(struct station *st, struct roster_record *r)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < r->credentials && err == REGISTRY_OK; n++) {
        struct roster_credential *c = &r->credential[n];
        if (c->slot == 0 && c->family != CARD_MEMORISED &&
            (c->state == ROSTER_ACTIVE || c->state == ROSTER_SUSPENDED))
            err = assign(st, c);
    }
    return err;
}

static int open_secret(struct station *st, const struct roster_credential *c,
                       struct stop_code *code)
{
    uint8_t aad[AAD_LEN], secret[SECRET_LEN] = {0}, sealed[SEALED_MAX];
    size_t len = 0, sealedlen = 0;
    int err = zones_stop_get(st->reg, c->id, &code->slot, sealed, sizeof(sealed), &sealedlen);

    if (err != REGISTRY_OK)
        return err;
    make_aad(c->id, code->slot, aad);
    if (code->slot != c->slot ||
        crypto_unseal(st->keys->seal, aad, sizeof(aad), sealed, sealedlen, secret, sizeof(secret),
                      &len) != CRYPTO_OK ||
        len != sizeof(secret))
        err = REGISTRY_ALTERED;
    for (size_t n = 0; n < sizeof(secret); n++)
        code->secret = code->secret << 8 | secret[n];
    wire_wipe(secret, sizeof(secret));
    return err;
}

int stops_reseal(struct station *st, const struct roster_credential *c, const struct keys *fresh)
{
    struct stop_code code = {0};
    int err = open_secret(st, c, &code);

    if (err == REGISTRY_OK)
        err = keep_secret(st, fresh, c->id, &code);
    wire_wipe(&code, sizeof(code));
    return err == REGISTRY_NONE ? REGISTRY_OK : err;
}

int stops_code(struct station *st, const struct roster_credential *c, char text[STOP_TEXT_CAP])
{
    struct stop_code code = {0};
    int err = open_secret(st, c, &code);

    if (err == REGISTRY_OK && stop_format(&code, text) != STOP_OK)
        err = REGISTRY_ALTERED;
    wire_wipe(&code, sizeof(code));
    return err == REGISTRY_OK ? err
                              : station_fail(st, err, "the stop code: %s", registry_strerror(err));
}
