/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/session.h"

int session_attach(struct session *s, struct pcsc *pcsc, const struct pcsc_reader *reader)
{
    int r;

    *s = (struct session){.pcsc = pcsc, .reader = *reader};
    if ((r = pcsc_connect(pcsc, reader, &s->card)) != PCSC_OK)
        return r;
    s->link = (struct apdu_link){
        .transmit = pcsc_transmit, .ctx = &s->card, .reader = s->reader.name, .t0 = s->card.t0};
    r = pcsc_look(pcsc, &s->reader, s->atr, &s->atr_len);
    if (r == PCSC_OK &&
        (!pcsc_has_card(&s->reader) || pcsc_counter(&s->reader) != pcsc_counter(reader)))
        r = PCSC_NO_CARD;
    if (r != PCSC_OK)
        session_detach(s, false);
    return r;
}

void session_end(struct session *s)
{
    pcsc_unlock(&s->card, s->pin_sent);
    s->selected = NULL;
    s->pin_sent = false;
}

void session_detach(struct session *s, bool reset)
{
    session_end(s);
    pcsc_disconnect(&s->card, reset);
}

/* pcscd ends a transaction by itself when it resets the handle; ours is closed all the same. */
static int reconnect(struct session *s)
{
    pcsc_unlock(&s->card, false);
    s->selected = NULL;
    return pcsc_reconnect(&s->card);
}

static int lock(struct session *s)
{
    int r = pcsc_lock(&s->card);

    if (r == PCSC_RESET && (r = reconnect(s)) == PCSC_OK)
        r = pcsc_lock(&s->card);
    s->link.t0 = s->card.t0;
    return r;
}

/* A handle that was reconnected serves whatever card is there now: only the counter tells. */
static int check_same_card(struct session *s)
{
    struct pcsc_reader now = s->reader;
    uint8_t atr[MAX_ATR_SIZE];
    size_t atr_len = 0;
    int r = pcsc_look(s->pcsc, &now, atr, &atr_len);

    if (r != PCSC_OK)
        return r;
    return pcsc_has_card(&now) && pcsc_counter(&now) == pcsc_counter(&s->reader) ? PCSC_OK
                                                                                 : PCSC_GONE;
}

static int begin(struct session *s)
{
    int r;

    if (s->card.locked)
        return 0;
    if (!s->card.connected)
        return CARD_GONE;
    if ((r = lock(s)) != PCSC_OK || (r = check_same_card(s)) != PCSC_OK)
        return (int)pcsc_reason(r);
    return 0;
}

static int select_family(struct session *s, const struct family *family, struct family_result *res)
{
    int r;

    if (s->selected == family)
        return 0;
    if ((r = family->select(&s->link, res)) == 0)
        s->selected = family;
    return r;
}

static bool card_may_be_unlocked(int verify_result)
{
    return verify_result == 0 || verify_result == CARD_GONE || verify_result == CARD_MALFORMED;
}

static int sign(struct session *s, const struct session_job *job, struct family_result *res)
{
    int r;

    if (job->pin != NULL) {
        s->pin_sent = true;
        r = job->family->verify(&s->link, job->pin, res);
        s->pin_sent = card_may_be_unlocked(r);
        if (r != 0)
            return r;
    }
    return job->family->sign(&s->link, job->sign, res);
}

static int work(struct session *s, const struct session_job *job, struct family_result *res)
{
    if (job->sign != NULL)
        return sign(s, job, res);
    if (job->fresh == NULL && job->issue == NULL)
        return job->family->read(&s->link, job->object, job->pin_ref, res);
    s->pin_sent = true;
    if (job->fresh != NULL)
        return job->family->change(&s->link, job->pin, job->fresh, job->unblock, res);
    return job->family->issue(&s->link, job->issue, res);
}

/* What can be refused without the card. */
static int check(const struct session_job *job)
{
    if (job->sign != NULL)
        return job->family->check(job->sign, job->pin);
    if ((job->fresh != NULL && job->family->change == NULL) ||
        (job->issue != NULL && job->family->issue == NULL))
        return CARD_ABSENT;
    return 0;
}

static int run_once(struct session *s, const struct session_job *job, struct family_result *res)
{
    int r;

    s->card.fault = PCSC_OK;
    if ((r = begin(s)) != 0 || (r = select_family(s, job->family, res)) != 0)
        return r;
    return work(s, job, res);
}

static bool was_reset(const struct session *s, int r)
{
    return r == CARD_GONE && s->card.fault == PCSC_RESET;
}

int session_run(struct session *s, const struct session_job *job, struct family_result *res)
{
    int r;

    *res = (struct family_result){.tries = FAMILY_TRIES_UNKNOWN};
    if ((r = check(job)) != 0)
        goto out;
    r = run_once(s, job, res);
    if (was_reset(s, r) && reconnect(s) == PCSC_OK)
        r = run_once(s, job, res);
    if (r == CARD_GONE && s->card.fault == PCSC_NO_SERVICE)
        r = CARD_NO_SERVICE;
out:
    if (r != 0 || !job->more)
        session_end(s);
    return r;
}
