/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/surroundings.h"

#include "core/wire/finger.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const recorded_names[] = {"LD_PRELOAD", "UMOCKDEV_DIR", "FP_DEVICE_EMULATION"};

#define RECORDED G_N_ELEMENTS(recorded_names)

static bool clear_environment(bool recorded)
{
    char *kept[RECORDED] = {NULL};
    bool good;

    for (size_t n = 0; recorded && n < RECORDED; n++)
        kept[n] = g_strdup(getenv(recorded_names[n]));
    good = clearenv() == 0;
    for (size_t n = 0; n < RECORDED; n++) {
        if (kept[n] != NULL && setenv(recorded_names[n], kept[n], 1) != 0)
            good = false;
        g_free(kept[n]);
    }
    return good;
}

/* A library that prints must not print into the protocol. */
static bool silence_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool good = fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0;

    if (fd > FINGER_WORKER_FD)
        close(fd);
    close_range(FINGER_WORKER_FD + 1, ~0U, 0);
    return good;
}

static bool forbid_dumps(void)
{
    const struct rlimit none = {0, 0};

    umask(S_IRWXG | S_IRWXO);
    return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

/* With a small limit, locking all that comes would make later allocations fail. */
static void lock_memory(void)
{
    struct rlimit limit = {0, 0};

    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/* Debug lines of libfprint carry scores and reach a log writer without being asked for. */
static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                  gpointer user)
{
    (void)user;
    if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) == 0)
        return G_LOG_WRITER_HANDLED;
    for (gsize n = 0; n < count; n++)
        if (strcmp(fields[n].key, "MESSAGE") == 0)
            fprintf(stderr, "toyama-finger: %.200s\n", (const char *)fields[n].value);
    return G_LOG_WRITER_HANDLED;
}

bool surroundings_tighten(bool recorded)
{
    if (!clear_environment(recorded) || !silence_descriptors() || !forbid_dumps()) {
        fprintf(stderr, "toyama-finger: cannot seal itself off: %s\n", strerror(errno));
        return false;
    }
    lock_memory();
    g_log_set_writer_func(write_log, NULL, NULL);
    return true;
}
