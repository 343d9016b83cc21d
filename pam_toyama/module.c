/* SPDX-License-Identifier: Apache-2.0
 *
 * The six functions that libpam calls.
 */
#include "pam_toyama/module.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include "pam_toyama/phases.h"
#include "pam_toyama/state.h"
#include "pam_toyama/talk.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options;
    const char *bad = options_parse(&options, argc, argv);

    if (!state_begin(pamh))
        return PAM_BUF_ERR;
    if (bad != NULL)
        return talk_misconfigured(pamh, &options, flags, bad);
    return phase_authenticate(pamh, &options, flags);
}

EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    (void)argc;
    (void)argv;
    return state_result(pamh) == STATE_FAILED ? PAM_CRED_ERR : PAM_SUCCESS;
}

EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct options options;
    const char *bad = options_parse(&options, argc, argv);

    if (bad != NULL)
        return talk_misconfigured(pamh, &options, flags, bad);
    return phase_account(pamh, &options, flags);
}

static int session(pam_handle_t *pamh, int argc, const char **argv, bool open)
{
    struct options options;
    const char *bad = options_parse(&options, argc, argv);

    if (bad != NULL)
        pam_syslog(pamh, LOG_ERR, "bad argument in the PAM stack: %s", bad);
    else
        phase_session(pamh, &options, open);
    return PAM_SUCCESS;
}

EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    return session(pamh, argc, argv, true);
}

EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)flags;
    return session(pamh, argc, argv, false);
}

/* There is no password here; PAM_SUCCESS would let passwd(1) claim that it changed one. */
EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_IGNORE;
}
