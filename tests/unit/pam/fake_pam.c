/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/pam/fake_pam.h"

#include <security/pam_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *appdata_ptr)
{
    struct pam_handle *pamh = appdata_ptr;
    bool prompt = messages[0]->msg_style == PAM_PROMPT_ECHO_OFF;

    if (count != 1)
        abort();
    pamh->last_style = messages[0]->msg_style;
    snprintf(pamh->last_text, sizeof(pamh->last_text), "%s", messages[0]->msg);
    pamh->asked += prompt;
    pamh->shown += !prompt;
    if (prompt && pamh->while_typing != NULL)
        pamh->while_typing();
    *responses = NULL;
    if (pamh->conv_code != PAM_SUCCESS || pamh->no_response)
        return pamh->conv_code;
    if ((*responses = malloc(sizeof(**responses))) == NULL)
        abort();
    **responses = (struct pam_response){0};
    if (prompt && pamh->answer != NULL && ((*responses)->resp = strdup(pamh->answer)) == NULL)
        abort();
    return PAM_SUCCESS;
}

void fake_pam_begin(pam_handle_t *pamh, const char *answer)
{
    *pamh = (struct pam_handle){.user = "taro", .service = "t", .answer = answer};
    pamh->conv.conv = converse;
    pamh->conv.appdata_ptr = pamh;
}

void fake_pam_end(pam_handle_t *pamh)
{
    if (pamh->data != NULL)
        pamh->cleanup(pamh, pamh->data, PAM_SUCCESS);
    pamh->data = NULL;
}

int pam_get_item(const pam_handle_t *pamh, int item, const void **value)
{
    switch (item) {
    case PAM_USER:
        *value = pamh->user;
        return PAM_SUCCESS;
    case PAM_TTY:
        *value = pamh->tty;
        return PAM_SUCCESS;
    case PAM_RHOST:
        *value = pamh->rhost;
        return PAM_SUCCESS;
    case PAM_RUSER:
        *value = pamh->ruser;
        return PAM_SUCCESS;
    case PAM_SERVICE:
        *value = pamh->service;
        return PAM_SUCCESS;
    case PAM_XDISPLAY:
        *value = pamh->xdisplay;
        return PAM_SUCCESS;
    case PAM_CONV:
        *value = &pamh->conv;
        return PAM_SUCCESS;
    default:
        return PAM_BAD_ITEM;
    }
}

int pam_set_item(pam_handle_t *pamh, int item, const void *value)
{
    if (item != PAM_USER)
        return PAM_BAD_ITEM;
    snprintf(pamh->set_user, sizeof(pamh->set_user), "%s", (const char *)value);
    pamh->user = pamh->set_user;
    return PAM_SUCCESS;
}

int pam_set_data(pam_handle_t *pamh, const char *name, void *data,
                 void (*cleanup)(pam_handle_t *, void *, int))
{
    (void)name;
    if (pamh->data != NULL)
        pamh->cleanup(pamh, pamh->data, PAM_DATA_REPLACE);
    pamh->data = data;
    pamh->cleanup = cleanup;
    return PAM_SUCCESS;
}

int pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
    (void)name;
    *data = pamh->data;
    return pamh->data == NULL ? PAM_NO_MODULE_DATA : PAM_SUCCESS;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
    (void)pamh;
    (void)priority;
    (void)format;
}
