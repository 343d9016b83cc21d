/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

bool process_has_channel(int fd)
{
    int type = 0;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

/* A PIN or a key may stand in our memory. */
static bool harden(void)
{
    const struct rlimit none = {0, 0};

    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool arrange_descriptors(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool good = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
                (fcntl(STDERR_FILENO, F_GETFD) >= 0 || dup2(null, STDERR_FILENO) >= 0);

    return good && close_range((unsigned)fd + 1, ~0U, 0) == 0;
}

bool process_seal(int fd)
{
    return harden() && arrange_descriptors(fd);
}
