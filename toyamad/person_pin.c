/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/person_pin.h"

#include "core/wire/card.h"
#include "core/wire/wipe.h"
#include "toyamad/memorised.h"

#include <string.h>

#define KEY 1

const struct roster_credential *person_pin_find(const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        if (c->family == CARD_MEMORISED && c->state == ROSTER_ACTIVE && c->keys == 1)
            return c;
    }
    return NULL;
}

int person_pin_check(struct registry *reg, const struct roster_record *r, const char *typed,
                     bool *good)
{
    const struct roster_credential *c = person_pin_find(r);
    char hash[MEMORISED_HASH_MAX] = "";
    size_t len = 0;
    int err;

    if (c == NULL)
        return REGISTRY_NONE;
    err = registry_secret_get(reg, r->id, c, &c->key[0], (uint8_t *)hash, sizeof(hash) - 1, &len);
    if (err == REGISTRY_OK) {
        hash[len] = '\0';
        *good = memorised_check(typed, hash);
    }
    wire_wipe(hash, sizeof(hash));
    return err;
}

static int drop_all(struct registry *reg, struct roster_record *r)
{
    size_t kept = 0;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].family != CARD_MEMORISED)
            r->credential[kept++] = r->credential[n];
        else if (err == REGISTRY_OK)
            err = registry_secret_delete(reg, r->credential[n].id);
    r->credentials = kept;
    return err;
}

static int add(struct registry *reg, struct roster_record *r, const char *pin, uint8_t zones,
               int64_t now)
{
    struct roster_credential c = {.family = CARD_MEMORISED,
                                  .state = ROSTER_ACTIVE,
                                  .zones = zones,
                                  .enrolled = now,
                                  .keys = 1};
    char hash[MEMORISED_HASH_MAX];
    int err;

    if (r->credentials == ROSTER_CREDENTIALS)
        return REGISTRY_LIMIT;
    c.key[0] = (struct roster_key){.ref = KEY, .pin = true};
    if (crypto_random(c.id, sizeof(c.id)) != CRYPTO_OK || !memorised_hash(pin, hash))
        return REGISTRY_FAILED;
    err = registry_secret_put(reg, r->id, &c, &c.key[0], hash, strlen(hash));
    wire_wipe(hash, sizeof(hash));
    r->credential[r->credentials++] = c;
    return err;
}

int person_pin_put(struct registry *reg, struct roster_record *r, const char *pin, uint8_t zones,
                   int64_t now)
{
    int err = drop_all(reg, r);

    return err == REGISTRY_OK && pin != NULL ? add(reg, r, pin, zones, now) : err;
}
