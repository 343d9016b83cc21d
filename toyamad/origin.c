/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/origin.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-login.h>
#include <unistd.h>

static bool logind_runs(void)
{
    return access("/run/systemd/seats", F_OK) == 0;
}

/* logind counts sessions without a seat as active; one that it forgot is an error here. */
static enum origin origin_of_session(const char *session)
{
    if (sd_session_is_remote(session) > 0)
        return ORIGIN_REMOTE;
    return sd_session_is_active(session) > 0 ? ORIGIN_HERE : ORIGIN_INACTIVE;
}

/* sd_login's words for "belongs to none". */
static bool is_none(int err)
{
    return err == -ENXIO || err == -ENODATA;
}

/* Started by the user's service manager, as desktops do: he sits at his display session, if any. */
static int display_of_peer(int fd, char **session)
{
    uid_t uid;
    int err = sd_peer_get_owner_uid(fd, &uid);

    if (err < 0)
        return err;
    return sd_uid_get_display(uid, session) < 0 ? -ENOENT : 0;
}

enum origin origin_of_peer(int fd, bool for_user)
{
    char *session = NULL;
    int err = sd_peer_get_session(fd, &session);
    enum origin origin;

    if (is_none(err))
        err = display_of_peer(fd, &session);
    if (err >= 0)
        origin = origin_of_session(session);
    else if (err == -ENOENT || err == -ESRCH || (logind_runs() && (for_user || !is_none(err))))
        origin = ORIGIN_INACTIVE;
    else
        origin = ORIGIN_HERE;
    free(session);
    return origin;
}
