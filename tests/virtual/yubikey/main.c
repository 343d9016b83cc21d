/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/control.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PRELOAD "libumockdev-preload.so.0"
#define MARK    "VIRTUAL_YUBIKEY_PRELOADED"

static const char usage[] =
    "usage: virtual-yubikey --control SOCKET [--open] [-- COMMAND [ARGUMENT...]]\n"
    "Four keys, blank and unplugged. COMMAND sees them, and the program ends with it;\n"
    "any other process does with LD_PRELOAD=" PRELOAD " and the UMOCKDEV_DIR that the\n"
    "control command \"where\" tells. --open: processes of any user do.\n";

struct options {
    const char *control;
    bool open;
    char **command; /* NULL: none */
};

struct run {
    GMainLoop *loop;
    int status;
};

static bool take_options(int argc, char **argv, struct options *o)
{
    for (int n = 1; n < argc; n++) {
        if (strcmp(argv[n], "--open") == 0)
            o->open = true;
        else if (strcmp(argv[n], "--control") == 0 && n + 1 < argc)
            o->control = argv[++n];
        else if (strcmp(argv[n], "--") == 0 && n + 1 < argc) {
            o->command = argv + n + 1;
            break;
        } else
            return false;
    }
    return o->control != NULL;
}

/* umockdev finds devices only for processes under its library, its owner included. */
static void preload(char **argv)
{
    const char *sanitizer = getenv("ASAN_OPTIONS");
    char *options;

    if (getenv(MARK) != NULL) {
        unsetenv(MARK);
        return;
    }
    options = g_strdup_printf("%s%sverify_asan_link_order=0", sanitizer != NULL ? sanitizer : "",
                              sanitizer != NULL ? ":" : "");
    g_setenv("ASAN_OPTIONS", options, TRUE);
    g_setenv("LD_PRELOAD", PRELOAD, TRUE);
    g_setenv(MARK, "1", TRUE);
    g_free(options);
    execv("/proc/self/exe", argv);
    g_printerr("virtual-yubikey: cannot start again under " PRELOAD "\n");
    exit(1);
}

static gboolean on_signal(gpointer user)
{
    struct run *run = user;

    g_main_loop_quit(run->loop);
    return G_SOURCE_CONTINUE;
}

static void on_child(GPid pid, gint status, gpointer user)
{
    struct run *run = user;

    g_spawn_close_pid(pid);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    g_main_loop_quit(run->loop);
}

static bool start_command(const struct options *o, struct run *run)
{
    GPid pid = 0;
    GError *error = NULL;

    if (o->command == NULL)
        return true;
    if (!g_spawn_async(NULL, o->command, NULL,
                       G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH |
                           G_SPAWN_CHILD_INHERITS_STDIN,
                       NULL, NULL, &pid, &error)) {
        g_printerr("virtual-yubikey: %s\n", error->message);
        g_error_free(error);
        return false;
    }
    g_child_watch_add(pid, on_child, run);
    return true;
}

static int run_until_told(const struct options *o, struct bus *bus)
{
    struct run run = {.loop = g_main_loop_new(NULL, FALSE)};
    struct control *control = control_new(o->control, bus, run.loop);

    if (control == NULL || !start_command(o, &run)) {
        g_printerr("virtual-yubikey: cannot begin, control socket %s\n", o->control);
        run.status = 1;
    } else {
        g_unix_signal_add(SIGTERM, on_signal, &run);
        g_unix_signal_add(SIGINT, on_signal, &run);
        g_main_loop_run(run.loop);
    }
    if (control != NULL)
        control_free(control);
    g_main_loop_unref(run.loop);
    return run.status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct bus *bus;
    int status;

    if (!take_options(argc, argv, &options)) {
        g_printerr("%s", usage);
        return 2;
    }
    preload(argv);
    /* The testbed's directory must not stay behind when the test dies. */
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    bus = bus_new(options.open);
    status = run_until_told(&options, bus);
    bus_free(bus);
    return status;
}
