/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/log.h"
#include "cardreader/process.h"
#include "cardreader/yubikey_guard.h"
#include "cardreader/yubikey_worker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Killed together with a broker that dies, the process would leave the key's keyboard dead. */
static bool outlive_the_broker(void)
{
    return prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0;
}

int main(void)
{
    if (!process_has_channel(TOKEN_WORKER_FD)) {
        card_log("to be started by toyamad only: no socket on descriptor %d", TOKEN_WORKER_FD);
        return 2;
    }
    if (!process_seal(TOKEN_WORKER_FD) || !outlive_the_broker() || !guard_start(TOKEN_WORKER_FD)) {
        card_log("cannot set up the process");
        return 2;
    }
    _exit(yubikey_worker_run(TOKEN_WORKER_FD, &yubikey_ykpers));
}
