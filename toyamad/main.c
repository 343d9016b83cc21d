/* SPDX-License-Identifier: Apache-2.0
 *
 * toyamad, the broker. In the foreground always: systemd or a test is its parent.
 */
#include "core/wire/frame.h"
#include "toyamad/attempt.h"
#include "toyamad/client.h"
#include "toyamad/inbox.h"
#include "toyamad/init.h"
#include "toyamad/listen.h"
#include "toyamad/log.h"
#include "toyamad/worker.h"

#include <getopt.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)source;
    (void)info;
    (void)userdata;
    stopping = 1;
    return 0;
}

/* Secrets pass through this process: no core, not readable by a tracer. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    umask(0077);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

static bool add_signals(sd_event *event)
{
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGCHLD);
    return sigprocmask(SIG_BLOCK, &mask, NULL) == 0 &&
           sd_event_add_signal(event, NULL, SIGTERM, on_stop, NULL) >= 0 &&
           sd_event_add_signal(event, NULL, SIGINT, on_stop, NULL) >= 0;
}

static int serve(const char *config_path)
{
    struct broker *b = calloc(1, sizeof(*b));
    int result = EX_OSERR, r = 0;

    if (b == NULL || sd_event_new(&b->event) < 0 || !add_signals(b->event))
        goto out;
    broker_load(b, config_path);
    if (!listen_begin(b)) {
        result = EX_CANTCREAT;
        goto out;
    }
    b->inbox = inbox_begin(b);
    sd_event_set_watchdog(b->event, 1);
    sd_notify(0, b->config_good && b->registry_good ? "READY=1" : "READY=1\nSTATUS=denying logins");
    while (!stopping && r >= 0)
        r = sd_event_run(b->event, UINT64_MAX);
    sd_notify(0, "STOPPING=1");
    client_close_all(b);
    operator_close_all(b);
    operator_write_folded(b);
    attempt_write_folded(b);
    worker_reap_all();
    result = r < 0 ? EX_SOFTWARE : EX_OK;
out:
    if (b != NULL) {
        inbox_end(b->inbox);
        listen_end(b);
        broker_unload(b);
        sd_event_unref(b->event);
    }
    free(b);
    return result;
}

static int check_config(const char *path)
{
    struct config config;

    if (!config_load(&config, path, stderr))
        return EX_CONFIG;
    config_print(&config, stdout);
    return EX_OK;
}

static int usage(FILE *out, int code)
{
    fputs("usage: toyamad [--config FILE] [--check-config | "
          "--init [--join FILE | --restore FILE] | --version | --help]\n",
          out);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'k'},
        {"init", no_argument, NULL, 'i'},         {"version", no_argument, NULL, 'v'},
        {"join", required_argument, NULL, 'j'},   {"restore", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    const char *config = CONFIG_DEFAULT_FILE;
    struct init_from from = {0};
    int mode = 0, option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'c')
            config = optarg;
        else if (option == 'j')
            from.join = optarg;
        else if (option == 'r')
            from.restore = optarg;
        else if (option == '?' || mode != 0)
            return usage(stderr, EX_USAGE);
        else
            mode = option;
    }
    if (optind != argc || (from.join != NULL && from.restore != NULL) ||
        ((from.join != NULL || from.restore != NULL) && mode != 'i'))
        return usage(stderr, EX_USAGE);
    if (mode == 'h')
        return usage(stdout, EX_OK);
    if (mode == 'v')
        return printf("toyamad %s\n", TOYAMA_VERSION) > 0 ? EX_OK : EX_IOERR;
    harden();
    if (mode == 'k')
        return check_config(config);
    if (geteuid() != 0) {
        fputs("toyamad: must be run by root\n", stderr);
        return EX_NOPERM;
    }
    return mode == 'i' ? init_host(config, &from) : serve(config);
}
