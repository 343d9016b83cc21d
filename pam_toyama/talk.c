/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/talk.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include "pam_toyama/module.h"

#define MSG_UNAVAILABLE   "X05"
#define MSG_MISCONFIGURED "X09"

static struct conversation person_of(pam_handle_t *pamh, const struct options *options, int flags)
{
    bool bare = request_on_bare_terminal(pamh);

    return (struct conversation){
        .pamh = pamh,
        .silent = ((unsigned)flags & PAM_SILENT) != 0 && !options->ignore_silent,
        .bare = bare,
        .lang = bare ? MESSAGES_EN : options->lang,
    };
}

static int read_request(struct talk *t)
{
    switch ((enum request_err)request_read(t->pamh, &t->request)) {
    case REQUEST_OK:
        return TALK_GOES_ON;
    case REQUEST_ITEM:
        pam_syslog(t->pamh, LOG_NOTICE, "%s: refused, a PAM item cannot be sent", t->phase.name);
        return t->phase.denied;
    case REQUEST_SYSTEM:
        break;
    }
    pam_syslog(t->pamh, LOG_ERR, "%s: the PAM items cannot be read", t->phase.name);
    return PAM_SYSTEM_ERR;
}

int talk_begin(struct talk *t, pam_handle_t *pamh, const struct options *options, int flags,
               struct phase phase)
{
    int code;

    *t = (struct talk){.pamh = pamh, .phase = phase, .client = {.fd = -1}};
    t->person = person_of(pamh, options, flags);
    if ((code = read_request(t)) != TALK_GOES_ON)
        return code;
    return talk_check(
        t, client_open(&t->client, options->socket, MODULE_CONNECT_MS, t->phase.total_ms));
}

int talk_receive(struct talk *t)
{
    int code = talk_check(t, client_receive(&t->client, &t->frame));

    if (code == TALK_GOES_ON)
        conversation_use_language(&t->person, &t->frame.field[AUTH_F_LANG]);
    return code;
}

void talk_end(struct talk *t)
{
    client_close(&t->client);
}

bool talk_message(const struct talk *t, char id[AUTH_MSG_MAX], struct args *args)
{
    const struct tlv *encoded = &t->frame.field[AUTH_F_ARGS];

    id[0] = '\0';
    *args = (struct args){0};
    if (frame_has(&t->frame, AUTH_F_MSG) &&
        frame_text(&t->frame, AUTH_F_MSG, id, AUTH_MSG_MAX) != WIRE_OK)
        return false;
    return encoded->val == NULL || args_decode(encoded->val, encoded->len, args) == WIRE_OK;
}

int talk_unavailable(const struct talk *t, const char *cause)
{
    pam_syslog(t->pamh, LOG_ERR, "%s: not available: %s", t->phase.name, cause);
    conversation_tell(&t->person, PAM_ERROR_MSG, MSG_UNAVAILABLE, NULL);
    return PAM_AUTHINFO_UNAVAIL;
}

int talk_check(const struct talk *t, int client_err)
{
    if (client_err == CLIENT_OK)
        return TALK_GOES_ON;
    if (client_err != CLIENT_SYSTEM)
        return talk_unavailable(t, client_strerror(client_err));
    pam_syslog(t->pamh, LOG_ERR, "%s: not available: %m", t->phase.name);
    conversation_tell(&t->person, PAM_ERROR_MSG, MSG_UNAVAILABLE, NULL);
    return PAM_AUTHINFO_UNAVAIL;
}

bool talk_is_granted(const struct talk *t)
{
    uint32_t result = 0;

    return t->frame.type == AUTH_VERDICT &&
           frame_u32(&t->frame, AUTH_F_RESULT, &result) == WIRE_OK && result == AUTH_GRANTED;
}

static void tell(const struct talk *t, const char *id, const struct args *args, const char *other)
{
    if (id[0] != '\0')
        conversation_tell(&t->person, PAM_ERROR_MSG, id, args);
    else if (other != NULL)
        conversation_tell(&t->person, PAM_ERROR_MSG, other, NULL);
}

static int tell_fault(const struct talk *t, const char *id, const struct args *args,
                      const char *other, int code)
{
    pam_syslog(t->pamh, LOG_ERR, "%s: toyamad cannot serve: %s (%s)", t->phase.name,
               code == PAM_SERVICE_ERR ? "configuration" : "not available",
               id[0] != '\0' ? id : other);
    tell(t, id, args, other);
    return code;
}

int talk_refuse(const struct talk *t)
{
    char id[AUTH_MSG_MAX];
    struct args args;
    uint32_t result = 0;

    if (t->frame.type != AUTH_VERDICT || frame_u32(&t->frame, AUTH_F_RESULT, &result) != WIRE_OK ||
        !talk_message(t, id, &args))
        return talk_unavailable(t, client_strerror(CLIENT_FRAME));
    switch (result) {
    case AUTH_DENIED:
        tell(t, id, &args, NULL);
        return t->phase.denied;
    case AUTH_LOCKED:
        tell(t, id, &args, NULL);
        return t->phase.locked;
    case AUTH_UNAVAILABLE:
        return tell_fault(t, id, &args, MSG_UNAVAILABLE, PAM_AUTHINFO_UNAVAIL);
    case AUTH_MISCONFIGURED:
        return tell_fault(t, id, &args, MSG_MISCONFIGURED, PAM_SERVICE_ERR);
    default:
        return talk_unavailable(t, "toyamad gave a result of another version");
    }
}

int talk_misconfigured(pam_handle_t *pamh, const struct options *options, int flags,
                       const char *argument)
{
    const struct conversation person = person_of(pamh, options, flags);

    pam_syslog(pamh, LOG_ERR, "bad argument in the PAM stack: %s", argument);
    conversation_tell(&person, PAM_ERROR_MSG, MSG_MISCONFIGURED, NULL);
    return PAM_SERVICE_ERR;
}
