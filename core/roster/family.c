/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/family.h"

#include "core/wire/card.h"

#define REFS_MAX 3

struct rule {
    uint8_t family;
    bool shared;            /* keys hold the hash of a sealed secret */
    size_t hint;            /* octets, where there is one */
    uint8_t refs[REFS_MAX]; /* admitted key references; 0: none */
    bool pin[REFS_MAX];     /* admitted with a PIN only, where the family leaves no choice */
};

static const struct rule rules[] = {
    {CARD_PIV, false, 16, {0x9A, 0x9E, 0x9C}, {false, false, false}},
    {CARD_JPKI, false, 0, {0x17, 0}, {true, false}},
    {CARD_FELICA, true, 8, {0x87, 0}, {false, false}},
    {CARD_YUBIKEY, true, 4, {1, 2}, {false, false}},
    {CARD_MEMORISED, true, 0, {1, 0}, {true, false}},
};

static const struct rule *rule_of(uint8_t family)
{
    for (size_t n = 0; n < sizeof(rules) / sizeof(rules[0]); n++)
        if (rules[n].family == family)
            return &rules[n];
    return NULL;
}

static bool key_fits(const struct rule *rule, const struct roster_key *key)
{
    bool admitted = false, free = rule->family == CARD_PIV;

    for (size_t n = 0; n < REFS_MAX; n++)
        admitted = admitted || (rule->refs[n] != 0 && key->ref == rule->refs[n] &&
                                (free || key->pin == rule->pin[n]));
    return admitted && (!rule->shared || key->len == CRYPTO_SHA256_LEN);
}

bool roster_family_fits(const struct roster_credential *c)
{
    const struct rule *rule = rule_of(c->family);

    if (rule == NULL || (c->hint_len != 0 && c->hint_len != rule->hint))
        return false;
    for (size_t n = 0; n < c->keys; n++) {
        if (!key_fits(rule, &c->key[n]))
            return false;
        for (size_t m = 0; m < n; m++)
            if (c->key[n].ref == c->key[m].ref)
                return false;
    }
    return true;
}

bool roster_family_shared(uint8_t family)
{
    const struct rule *rule = rule_of(family);

    return rule != NULL && rule->shared;
}

const char *roster_family_name(uint8_t family)
{
    static const char *const names[] = {[CARD_PIV] = "piv",
                                        [CARD_JPKI] = "jpki",
                                        [CARD_FELICA] = "felica",
                                        [CARD_YUBIKEY] = "yubikey",
                                        [CARD_MEMORISED] = "memorised"};

    return rule_of(family) != NULL ? names[family] : "unknown";
}
