/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/helpdesk.h"

#include "core/wire/wipe.h"

#include <string.h>

static size_t find(const struct station_zone *zone, const char *host)
{
    size_t n = 0;

    while (n < zone->helpdesks && strcmp(zone->helpdesk[n].host, host) != 0)
        n++;
    return n;
}

static int give_key(struct station *st, struct station_zone *zone, struct roster_join *join)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t n = find(zone, join->host), spkilen = 0;

    if (n == ROSTER_HELPDESKS)
        return station_fail(st, REGISTRY_LIMIT, "zone %s has %d helpdesks already", zone->name,
                            ROSTER_HELPDESKS);
    if (crypto_p256_generate(join->helpdesk, sizeof(join->helpdesk), &join->helpdesklen, spki,
                             sizeof(spki), &spkilen) != CRYPTO_OK ||
        crypto_spki_hash(spki, spkilen, zone->helpdesk[n].key) != CRYPTO_OK)
        return station_fail(st, REGISTRY_FAILED, "the helpdesk's key could not be made");
    memcpy(zone->helpdesk[n].host, join->host, sizeof(join->host));
    if (n == zone->helpdesks)
        zone->helpdesks++;
    return REGISTRY_OK;
}

static int fill(struct station *st, const struct station_zone *zone, struct roster_join *join)
{
    memcpy(join->zone, zone->name, sizeof(join->zone));
    memcpy(join->authority, zone->trust.issue.authority, sizeof(join->authority));
    join->keylen = zone->key_len;
    memcpy(join->key, zone->key, zone->key_len);
    join->certlen = zone->cert_len;
    memcpy(join->cert, zone->cert, zone->cert_len);
    join->oldlen = zone->old.key_len;
    memcpy(join->old, zone->old.key, zone->old.key_len);
    memcpy(join->seal_key, zone->seal, sizeof(join->seal_key));
    return roster_trust_encode(&zone->trust, join->trust, sizeof(join->trust), &join->trustlen) ==
                   ROSTER_OK
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_FAILED, "the trust of zone %s does not encode",
                              zone->name);
}

static int seal(struct station *st, const struct roster_join *join, struct joining *out)
{
    int r = code_make(out->code);

    if (r == CODE_OK)
        r = join_seal(join, out->code, out->file, sizeof(out->file), &out->len);
    return r == CODE_OK ? REGISTRY_OK
                        : station_fail(st, r == CODE_FULL ? REGISTRY_LIMIT : REGISTRY_FAILED,
                                       "the join file: %s", code_strerror(r));
}

int joining_make(struct station *st, struct station_zone *zone, const char *host, bool helpdesk,
                 struct joining *out)
{
    struct roster_join join = {.expires = st->now + JOINING_LIFE};
    int err = REGISTRY_OK;

    *out = (struct joining){.expires = join.expires};
    if (host[0] == '\0' || strlen(host) >= sizeof(join.host))
        return station_fail(st, REGISTRY_LIMIT, "a host's name has 1 to %zu octets",
                            sizeof(join.host) - 1);
    memcpy(join.host, host, strlen(host) + 1);
    if ((!helpdesk || (err = give_key(st, zone, &join)) == REGISTRY_OK) &&
        (err = fill(st, zone, &join)) == REGISTRY_OK)
        err = seal(st, &join, out);
    wire_wipe(&join, sizeof(join));
    return err;
}

int helpdesk_remove(struct station *st, struct station_zone *zone, const char *host)
{
    size_t n = find(zone, host);

    if (n == zone->helpdesks)
        return station_fail(st, REGISTRY_NONE, "zone %s has no helpdesk \"%.64s\"", zone->name,
                            host);
    zone->helpdesks--;
    memmove(&zone->helpdesk[n], &zone->helpdesk[n + 1],
            (zone->helpdesks - n) * sizeof(zone->helpdesk[0]));
    return REGISTRY_OK;
}
