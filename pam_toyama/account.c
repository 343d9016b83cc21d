/* SPDX-License-Identifier: Apache-2.0
 *
 * The account and session phases: one question, one verdict, no devices.
 */
#include <string.h>

#include "pam_toyama/module.h"
#include "pam_toyama/phases.h"
#include "pam_toyama/state.h"
#include "pam_toyama/talk.h"

/* Names nobody, or the user in question. */
static bool names_user(const struct talk *t)
{
    char user[AUTH_NAME_MAX] = "";

    if (!frame_has(&t->frame, AUTH_F_USER))
        return true;
    return frame_text(&t->frame, AUTH_F_USER, user, sizeof(user)) == WIRE_OK &&
           strcmp(user, t->request.user) == 0;
}

static int ask_account(struct talk *t)
{
    const uint8_t *ticket = state_ticket(t->pamh, t->request.user);
    int code;

    if (!t->request.has_user)
        return PAM_USER_UNKNOWN;
    code = talk_check(t, request_send_account(&t->request, ticket, &t->client));
    if (code == TALK_GOES_ON)
        code = talk_receive(t);
    if (code != TALK_GOES_ON)
        return code;
    if (!talk_is_granted(t))
        return talk_refuse(t);
    return names_user(t) ? PAM_SUCCESS : PAM_PERM_DENIED;
}

int phase_account(pam_handle_t *pamh, const struct options *options, int flags)
{
    const struct phase phase = {"account", PAM_PERM_DENIED, PAM_PERM_DENIED, MODULE_ACCOUNT_MS};
    struct talk t;
    int code = talk_begin(&t, pamh, options, flags, phase);

    if (code == TALK_GOES_ON)
        code = ask_account(&t);
    talk_end(&t);
    return code;
}

static void tell_session(struct talk *t, bool open)
{
    const uint8_t *ticket = state_ticket(t->pamh, t->request.user);
    int code;

    if (!t->request.has_user)
        return;
    code = talk_check(t, request_send_session(&t->request, ticket, open, &t->client));
    if (code == TALK_GOES_ON && (code = talk_receive(t)) == TALK_GOES_ON && !talk_is_granted(t))
        talk_refuse(t);
}

void phase_session(pam_handle_t *pamh, const struct options *options, bool open)
{
    const struct phase phase = {"session", PAM_SESSION_ERR, PAM_SESSION_ERR, MODULE_SESSION_MS};
    struct options silent = *options;
    struct talk t;

    silent.ignore_silent = false;
    if (talk_begin(&t, pamh, &silent, (int)PAM_SILENT, phase) == TALK_GOES_ON)
        tell_session(&t, open);
    talk_end(&t);
}
