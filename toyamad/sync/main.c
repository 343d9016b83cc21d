/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/sync/sync.h"

#include <getopt.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#define SERVICE_FILE "/etc/toyama/pg_service.conf"
#define ADMIN_SOCKET "/run/toyama/admin.sock"

/* Each part by itself: a roster that is refused keeps back neither stops nor this host's events. */
static int exchange(struct sync *s)
{
    static int (*const part[])(struct sync * s) = {sync_pull, sync_look,     sync_amendments,
                                                   sync_push, sync_counters, sync_uses};
    char why[sizeof(s->why)] = "";
    int first = SYNC_OK, err = SYNC_OK;

    for (size_t n = 0; n < sizeof(part) / sizeof(part[0]); n++) {
        err = part[n](s);
        if (err != SYNC_OK && first == SYNC_OK) {
            first = err;
            memcpy(why, s->why, sizeof(why));
        }
        if (err == SYNC_BROKER || err == SYNC_FAILED || PQstatus(s->db) != CONNECTION_OK)
            break;
    }
    memcpy(s->why, why, sizeof(why));
    return first;
}

static int run(struct sync *s, const char *service)
{
    int err;

    if ((err = sync_look(s)) != SYNC_OK || (err = sync_connect(s, service)) != SYNC_OK ||
        (err = sync_newest(s)) != SYNC_OK || (err = sync_publish(s)) != SYNC_OK)
        return err;
    return exchange(s);
}

static int exit_code(int err)
{
    switch (err) {
    case SYNC_OK:
        return EX_OK;
    case SYNC_SERVER:
    case SYNC_BROKER:
        return EX_TEMPFAIL;
    case SYNC_SCHEMA:
    case SYNC_PLAIN:
        return EX_CONFIG;
    case SYNC_FAILED:
        return EX_OSERR;
    default:
        return EX_DATAERR;
    }
}

static int usage(FILE *out, int code)
{
    fputs("usage: toyama-sync [--socket FILE] [--service NAME] [--publish]\n"
          "       toyama-sync --version | --help\n",
          out);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'}, {"service", required_argument, NULL, 'n'},
        {"publish", no_argument, NULL, 'p'},      {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct sync s = {.socket = ADMIN_SOCKET};
    const char *service = "toyama";
    int option, err;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 's')
            s.socket = optarg;
        else if (option == 'n')
            service = optarg;
        else if (option == 'p')
            s.publish = true;
        else if (option == 'v')
            return printf("toyama-sync %s\n", TOYAMA_VERSION) > 0 ? EX_OK : EX_IOERR;
        else
            return option == 'h' ? usage(stdout, EX_OK) : usage(stderr, EX_USAGE);
    }
    if (optind != argc)
        return usage(stderr, EX_USAGE);
    umask(0077);
    signal(SIGPIPE, SIG_IGN);
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    setenv("PGSERVICEFILE", SERVICE_FILE, 0);
    err = run(&s, service);
    if (err != SYNC_OK)
        fprintf(stderr, "toyama-sync: %s: %s\n", sync_strerror(err), s.why);
    PQfinish(s.db);
    return exit_code(err);
}
