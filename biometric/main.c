/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/surroundings.h"
#include "biometric/worker.h"

#include <stdio.h>
#include <string.h>

/* The one argument replays a recorded sensor in tests. It stands in a wrapper that the root-owned
 * configuration names, so that the environment alone never gets a foreign device in. */
static bool read_arguments(int argc, char **argv, bool *recorded)
{
    *recorded = argc == 2 && strcmp(argv[1], "--recorded-device") == 0;
    return argc == 1 || *recorded;
}

int main(int argc, char **argv)
{
    struct worker *worker;
    bool recorded = false;
    int status;

    if (!read_arguments(argc, argv, &recorded)) {
        fprintf(stderr, "usage: toyama-finger [--recorded-device]\n");
        return 2;
    }
    if (!surroundings_tighten(recorded))
        return 1;
    worker = worker_new(FINGER_WORKER_FD);
    if (worker == NULL) {
        fprintf(stderr, "toyama-finger: started by toyamad only\n");
        return 2;
    }
    status = worker_run(worker);
    worker_free(worker);
    return status;
}
