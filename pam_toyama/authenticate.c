/* SPDX-License-Identifier: Apache-2.0
 *
 * The authentication phase: frames of the broker on one side, the person on the other.
 */
#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "core/wire/wipe.h"
#include "pam_toyama/module.h"
#include "pam_toyama/phases.h"
#include "pam_toyama/state.h"
#include "pam_toyama/talk.h"

#define MSG_LATE       "X06"
#define MSG_PIN_FORMAT "X17"

static int cancel(struct talk *t, int code)
{
    struct frame_out out = client_begin(&t->client, AUTH_CANCEL);

    client_send(&t->client, &out);
    return code;
}

static int inform(struct talk *t)
{
    char id[AUTH_MSG_MAX];
    struct args args;

    if (!talk_message(t, id, &args))
        return talk_unavailable(t, client_strerror(CLIENT_FRAME));
    if (conversation_tell(&t->person, PAM_TEXT_INFO, id, &args) != CONVERSATION_OK)
        return cancel(t, PAM_CONV_ERR);
    return TALK_GOES_ON;
}

static int send_answer(struct talk *t, const struct secret *secret)
{
    struct frame_out out;

    if (client_is_late(&t->client)) {
        conversation_tell(&t->person, PAM_ERROR_MSG, MSG_LATE, NULL);
        return cancel(t, PAM_AUTH_ERR);
    }
    out = client_begin(&t->client, AUTH_ANSWER);
    frame_put(&out, AUTH_F_SECRET, secret->text, secret->len);
    return talk_check(t, client_send(&t->client, &out));
}

static int ask(struct talk *t, struct secret *secret)
{
    char id[AUTH_MSG_MAX];
    struct args args;

    if (!talk_message(t, id, &args))
        return talk_unavailable(t, client_strerror(CLIENT_FRAME));
    switch ((enum conversation_err)conversation_ask(&t->person, id, &args, secret)) {
    case CONVERSATION_OK:
        return send_answer(t, secret);
    case CONVERSATION_NONE:
        return cancel(t, PAM_CONV_ERR);
    case CONVERSATION_LONG:
        conversation_tell(&t->person, PAM_ERROR_MSG, MSG_PIN_FORMAT, NULL);
        return cancel(t, PAM_AUTH_ERR);
    case CONVERSATION_UNKNOWN:
        break;
    }
    return talk_unavailable(t, "toyamad asks a question of another version");
}

static int prompt(struct talk *t)
{
    struct secret secret = {0};
    int code = ask(t, &secret);

    wire_wipe(&secret, sizeof(secret));
    return code;
}

/* Applications go on with the user that they know; one who is swapped while we ask must not win. */
static bool still_asked_for(const struct talk *t, const char *user)
{
    const void *now = NULL;

    if (pam_get_item(t->pamh, PAM_USER, &now) != PAM_SUCCESS)
        return false;
    if (!t->request.has_user)
        return now == NULL;
    return now != NULL && strcmp(now, user) == 0 && strcmp(t->request.user, user) == 0;
}

/* The login does not hang on its greeting being shown. */
static bool greet(const struct talk *t)
{
    char id[AUTH_MSG_MAX];
    struct args args;

    if (!talk_message(t, id, &args))
        return false;
    conversation_tell(&t->person, PAM_TEXT_INFO, id, &args);
    return true;
}

/* The one place that lets somebody in. */
static int grant(const struct talk *t)
{
    const struct tlv *ticket = &t->frame.field[AUTH_F_TICKET];
    char user[AUTH_NAME_MAX] = "";

    if (frame_text(&t->frame, AUTH_F_USER, user, sizeof(user)) != WIRE_OK || user[0] == '\0' ||
        (ticket->val != NULL && ticket->len != AUTH_TICKET_LEN) || !greet(t))
        return talk_unavailable(t, client_strerror(CLIENT_FRAME));
    if (!still_asked_for(t, user)) {
        pam_syslog(t->pamh, LOG_NOTICE, "refused: the card's person is not the user asked for");
        return PAM_AUTH_ERR;
    }
    if (!t->request.has_user && pam_set_item(t->pamh, PAM_USER, user) != PAM_SUCCESS)
        return PAM_SYSTEM_ERR;
    if (!state_grant(t->pamh, user, ticket->val))
        return PAM_BUF_ERR;
    return PAM_SUCCESS;
}

static int step(struct talk *t)
{
    int code = talk_receive(t);

    if (code != TALK_GOES_ON)
        return code;
    switch (t->frame.type) {
    case AUTH_INFO:
        return inform(t);
    case AUTH_PROMPT:
        return prompt(t);
    default:
        return talk_is_granted(t) ? grant(t) : talk_refuse(t);
    }
}

int phase_authenticate(pam_handle_t *pamh, const struct options *options, int flags)
{
    const struct phase phase = {"authenticate", PAM_AUTH_ERR, PAM_MAXTRIES, MODULE_TOTAL_MS};
    struct talk t;
    int code = talk_begin(&t, pamh, options, flags, phase);

    if (code == TALK_GOES_ON)
        code = talk_check(&t, request_send_start(&t.request, &t.client));
    while (code == TALK_GOES_ON)
        code = step(&t);
    talk_end(&t);
    return code;
}
