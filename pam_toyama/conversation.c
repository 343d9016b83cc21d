/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "core/wire/wipe.h"

void conversation_use_language(struct conversation *c, const struct tlv *lang)
{
    bool ja = lang->len == 2 && memcmp(lang->val, "ja", 2) == 0;

    c->lang = ja && !c->bare ? MESSAGES_JA : MESSAGES_EN;
}

static void free_response(struct pam_response *response)
{
    if (response == NULL)
        return;
    if (response->resp != NULL)
        wire_wipe(response->resp, strlen(response->resp));
    free(response->resp);
    free(response);
}

/* On failure the response is not looked at: nobody promises that it was written. */
static int converse(const struct conversation *c, int style, const char *text,
                    struct pam_response **response)
{
    const struct pam_message message = {.msg_style = style, .msg = text};
    const struct pam_message *list = &message;
    const void *item = NULL;
    const struct pam_conv *conv;

    *response = NULL;
    if (pam_get_item(c->pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
        return CONVERSATION_NONE;
    conv = item;
    if (conv->conv == NULL || conv->conv(1, &list, response, conv->appdata_ptr) != PAM_SUCCESS) {
        *response = NULL;
        return CONVERSATION_NONE;
    }
    return CONVERSATION_OK;
}

int conversation_tell(const struct conversation *c, int style, const char *id,
                      const struct args *args)
{
    char text[MESSAGES_TEXT_MAX];
    struct pam_response *response = NULL;
    int err;

    if (c->silent || !messages_render(id, c->lang, args, text, sizeof(text)))
        return CONVERSATION_OK;
    err = converse(c, style, text, &response);
    free_response(response);
    return err;
}

static int take_answer(const struct pam_response *response, struct secret *out)
{
    size_t len;

    if (response == NULL || response->resp == NULL || response->resp[0] == '\0')
        return CONVERSATION_NONE;
    len = strlen(response->resp);
    if (len > AUTH_SECRET_MAX)
        return CONVERSATION_LONG;
    memcpy(out->text, response->resp, len + 1);
    out->len = len;
    return CONVERSATION_OK;
}

int conversation_ask(const struct conversation *c, const char *id, const struct args *args,
                     struct secret *out)
{
    char text[MESSAGES_TEXT_MAX];
    struct pam_response *response = NULL;
    int err;

    *out = (struct secret){0};
    if (!messages_render(id, c->lang, args, text, sizeof(text)))
        return CONVERSATION_UNKNOWN;
    err = converse(c, PAM_PROMPT_ECHO_OFF, text, &response);
    if (err == CONVERSATION_OK)
        err = take_answer(response, out);
    free_response(response);
    return err;
}
