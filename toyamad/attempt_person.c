/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom the attempt is about. Nobody found, or somebody without a card: the decoy, so that
 * everything takes its usual course and ends as for somebody else's card.
 */
#include "toyamad/attempt.h"

#include "toyamad/decoy.h"
#include "toyamad/log.h"
#include "toyamad/rights.h"
#include "toyamad/station.h"

#include <string.h>

static void take_person(struct attempt *a, int err)
{
    a->found = err == REGISTRY_OK && !decoy_stands_in(a->broker->decoy, &a->person);
    if (a->found)
        return;
    if (err != REGISTRY_OK && err != REGISTRY_NONE) {
        log_error("registry: %s", registry_strerror(err));
        a->evidence.roster_good = false;
    }
    a->person = a->broker->decoy->record;
}

void attempt_find_by_login(struct attempt *a)
{
    int err = REGISTRY_NONE;

    if (a->has_user)
        err = registry_by_login(&a->broker->registry, a->user, &a->person);
    a->by_card = !a->has_user || err == REGISTRY_SHARED;
    take_person(a, err == REGISTRY_SHARED ? REGISTRY_NONE : err);
}

void attempt_find_by_hint(struct attempt *a, const void *hint, size_t len)
{
    int err = registry_by_hint(&a->broker->registry, hint, len, &a->person);

    if (err == REGISTRY_OK && a->has_user && !roster_record_has_login(&a->person, a->user))
        err = REGISTRY_NONE;
    take_person(a, err);
}

void attempt_find_by_certificate(struct attempt *a, const void *der, size_t len)
{
    uint8_t spki[CRYPTO_SPKI_MAX], hash[CRYPTO_SHA256_LEN];
    size_t spki_len = 0;
    int err = REGISTRY_NONE;

    if (crypto_cert_spki(der, len, spki, sizeof(spki), &spki_len) == CRYPTO_OK &&
        crypto_sha256(spki, spki_len, hash) == CRYPTO_OK)
        err = registry_by_key(&a->broker->registry, hash, &a->person);
    if (err == REGISTRY_OK && a->has_user && !roster_record_has_login(&a->person, a->user))
        err = REGISTRY_NONE;
    take_person(a, err);
}

static bool read_tally(struct attempt *a)
{
    int err = registry_counter_get(&a->broker->registry, a->person.id, &a->tally);

    if (err != REGISTRY_OK) {
        log_error("registry: counter: %s", registry_strerror(err));
        a->evidence.roster_good = false;
    }
    return err == REGISTRY_OK;
}

/* An operator may have stopped the card or removed the person since the attempt began. */
static bool reread_person(struct attempt *a)
{
    struct roster_record now;
    uint8_t id[ROSTER_ID_LEN];
    int err = registry_by_id(&a->broker->registry, a->person.id, &now);

    if (err != REGISTRY_OK) {
        log_error("registry: person: %s", registry_strerror(err));
        a->evidence.roster_good = a->evidence.roster_good && err == REGISTRY_NONE;
        return false;
    }
    memcpy(id, a->person.credential[a->credential].id, sizeof(id));
    roster_record_effective(&now, broker_now(a->broker));
    a->person = now;
    for (size_t n = 0; n < now.credentials; n++)
        if (memcmp(now.credential[n].id, id, sizeof(id)) == 0) {
            a->credential = n;
            return true;
        }
    return false;
}

static void judge_rights(struct attempt *a, int64_t now)
{
    const struct policy *p = &a->broker->config.policy;
    const struct roster_exception *exception = rights_exception(p, &a->person, now);

    a->evidence.person = rights_person(p, &a->person, now);
    if (a->evidence.person == PERSON_ACTIVE && !station_admits(a->broker, a->person.id))
        a->evidence.person = PERSON_NOT_HERE;
    a->evidence.credential = rights_credential(p, &a->person, a->credential, now);
    a->evidence.instead = exception != NULL ? exception->factors : 0;
    a->evidence.escorted = !a->person.escort || attempt_escorted(a);
}

unsigned attempt_asked(const struct attempt *a)
{
    const unsigned require = a->broker->config.policy.require;

    if (a->phase == PHASE_ESCORT)
        return require & FACTOR_POSSESSION;
    return a->evidence.instead != 0 ? a->evidence.instead : require;
}

void attempt_judge_person(struct attempt *a)
{
    int64_t now = broker_now(a->broker);

    a->evidence.same_person = false;
    if (!a->found || !reread_person(a) || !read_tally(a))
        return;
    a->evidence.same_person = true;
    a->evidence.user_matches = !a->has_user || roster_record_has_login(&a->person, a->user);
    a->evidence.shared_key = roster_family_shared(a->person.credential[a->credential].family);
    a->evidence.locked = a->tally.until > now;
    judge_rights(a, now);
}
