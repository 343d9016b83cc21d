/* SPDX-License-Identifier: Apache-2.0
 *
 * The control field of a PAM line (pam.conf(5)): what libpam does with each return value.
 */
#ifndef TOYAMA_ENROLL_PAM_CONTROL_H
#define TOYAMA_ENROLL_PAM_CONTROL_H

#include <stdbool.h>

/* Only the values that the walk tells apart; all others follow `default`. */
enum pam_value {
    PAM_VALUE_SUCCESS,
    PAM_VALUE_NEW_AUTHTOK, /* new_authtok_reqd: the login goes on after a change of password */
    PAM_VALUE_IGNORE,
    PAM_VALUE_AUTH_ERR,
    PAM_VALUE_AUTHINFO_UNAVAIL,
    PAM_VALUE_USER_UNKNOWN,
    PAM_VALUE_MAXTRIES,
    PAM_VALUE_PERM_DENIED,
    PAM_VALUE_ACCT_EXPIRED,
    PAM_VALUE_SERVICE_ERR,
    PAM_VALUE_SYSTEM_ERR,
    PAM_VALUE_CONV_ERR,
    PAM_VALUE_ABORT,
    PAM_VALUE_MODULE_UNKNOWN,
    PAM_VALUE_OTHER,
    PAM_VALUES
};

/* A positive action skips that many lines. */
enum pam_action {
    PAM_ACTION_IGNORE = 0,
    PAM_ACTION_OK = -1,
    PAM_ACTION_DONE = -2,
    PAM_ACTION_BAD = -3,
    PAM_ACTION_DIE = -4,
    PAM_ACTION_RESET = -5
};

struct pam_control {
    int action[PAM_VALUES];
};

/* `text` is "required" or the inside of the brackets. False on a mistake; every action is then
 * PAM_ACTION_BAD, as in libpam. */
bool pam_control_parse(const char *text, bool brackets, struct pam_control *out);
/* True where a failure of the module neither denies nor is turned into a denial: optional,
 * sufficient, default=ignore ... */
bool pam_control_is_weak(const struct pam_control *c);

#endif
