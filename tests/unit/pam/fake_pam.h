/* SPDX-License-Identifier: Apache-2.0
 *
 * libpam, as far as the module uses it, under the test's control: items, data, one conversation.
 */
#ifndef TOYAMA_TESTS_UNIT_PAM_FAKE_PAM_H
#define TOYAMA_TESTS_UNIT_PAM_FAKE_PAM_H

#include <security/pam_modules.h>
#include <stdbool.h>

struct pam_handle {
    const char *user, *tty, *rhost, *ruser, *service, *xdisplay;
    char set_user[64]; /* what pam_set_item stored */
    struct pam_conv conv;
    void *data;
    void (*cleanup)(pam_handle_t *, void *, int);

    /* The person: what the conversation returns, and what it was shown. */
    int conv_code;
    const char *answer; /* NULL: no text */
    bool no_response;
    void (*while_typing)(void); /* may be NULL */
    unsigned shown, asked;
    int last_style;
    char last_text[600];
};

/* A handle of service "t" for user "taro" whose person answers `answer`. */
void fake_pam_begin(pam_handle_t *pamh, const char *answer);
/* Cleans up as pam_end does. */
void fake_pam_end(pam_handle_t *pamh);

#endif
