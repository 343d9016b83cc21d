/* SPDX-License-Identifier: Apache-2.0
 *
 * My Number cards in an attempt. None of their keys signs without the PIN, which therefore goes to
 * a card that is known only by what it says. A card that is alone gets it; of several, the one
 * whose certificate has the person's key. Where none has, the first gets it, as it would alone:
 * whose card it is must not show in what is asked and said.
 */
#include "toyamad/attempt.h"

#include <string.h>

#define KEY     0x17
#define PIN_REF 0x80

static bool among_others(const struct attempt *a)
{
    return a->several || a->met_other;
}

static void look(struct attempt *a, enum attempt_state state, enum card_object object)
{
    attempt_enter(a, state);
    if (a->state != ATTEMPT_DONE)
        cardlink_read(a->prover, CARD_JPKI, object, true);
}

/* Where the city uses My Number cards, each of them is asked for its PIN, whoever the user is: the
 * prompt must not tell who has one. Its PIN has four digits, so that no other card's PIN can be
 * sent to what only says that it is a My Number card. */
void attempt_prove_jpki(struct attempt *a)
{
    static const struct prove_shape shape = {CARD_JPKI, KEY, CARD_RSA2048, true};
    int64_t used = 0;

    if (registry_meta_get(&a->broker->registry, "jpki", &used) != REGISTRY_OK || used == 0)
        attempt_next_card(a);
    else if (a->have_pin && among_others(a) && !a->matched)
        look(a, ATTEMPT_MATCH, CARD_OBJ_CERT_JPKI);
    else if (a->have_pin)
        attempt_sign_with_pin(a, &shape, PIN_REF);
    else if (a->looked)
        attempt_let_go_and_ask(a);
    else
        look(a, ATTEMPT_LOOK, CARD_OBJ_TRIES);
}

/* Nobody's state but the card's own: it may be told before anything is proven. */
void attempt_jpki_spent(struct attempt *a)
{
    if (!among_others(a) || a->matched) {
        attempt_fail(a, CAUSE_JPKI_LAST);
    } else {
        a->refusal = CAUSE_JPKI_LAST;
        attempt_next_card(a);
    }
}

void attempt_jpki_certificate(struct attempt *a, const void *der, size_t len)
{
    size_t index = prove_by_certificate(&a->person, CARD_JPKI, der, len);

    if (a->found && index != PROVE_ANY) {
        a->matched = true;
        attempt_prove_jpki(a);
    } else {
        attempt_jpki_unmatched(a);
    }
}

void attempt_jpki_unmatched(struct attempt *a)
{
    if (a->unmatched[0] == '\0')
        memcpy(a->unmatched, a->reader, sizeof(a->unmatched));
    attempt_next_card(a);
}

bool attempt_jpki_last_resort(struct attempt *a)
{
    if (a->unmatched[0] == '\0' || !a->have_pin)
        return false;
    memcpy(a->reader, a->unmatched, sizeof(a->reader));
    a->unmatched[0] = '\0';
    a->matched = true;
    attempt_card_resume(a);
    return true;
}
