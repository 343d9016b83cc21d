/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/virtual/pam/conversation.h"

#define ITEMS_MAX 8
#define OUT_FD    10 /* out of the way of closed standard streams, below small RLIMIT_NOFILE */

struct client {
    struct script script;
    const char *service, *user, *confdir;
    const char *items[ITEMS_MAX];
    size_t item_count;
    int flags;
    unsigned repeat;
    bool no_conversation, threaded;
    char **operations;
    int operation_count;
    int status; /* of the last operation */
};

static const char usage[] =
    "usage: pam-client --service NAME --confdir DIR [--user NAME] [--item "
    "tty|rhost|ruser|xdisplay=VALUE]...\n"
    "    [--flags silent,disallow-null] [--answer "
    "TEXT|NULL|EMPTY|LONG|HUGE|CONV_ERR|CONV_AGAIN]...\n"
    "    [--output FILE] [--repeat N] [--thread] [--no-conversation] [--fail-info] [--delay MS]\n"
    "    [--exec COMMAND] [--set-user NAME] OPERATION...\n"
    "operations: auth acct setcred setcred-reinit setcred-refresh setcred-delete open close\n"
    "    chauthtok fork-end user=NAME\n";

static const char *const code_names[] = {"PAM_SUCCESS",
                                         "PAM_OPEN_ERR",
                                         "PAM_SYMBOL_ERR",
                                         "PAM_SERVICE_ERR",
                                         "PAM_SYSTEM_ERR",
                                         "PAM_BUF_ERR",
                                         "PAM_PERM_DENIED",
                                         "PAM_AUTH_ERR",
                                         "PAM_CRED_INSUFFICIENT",
                                         "PAM_AUTHINFO_UNAVAIL",
                                         "PAM_USER_UNKNOWN",
                                         "PAM_MAXTRIES",
                                         "PAM_NEW_AUTHTOK_REQD",
                                         "PAM_ACCT_EXPIRED",
                                         "PAM_SESSION_ERR",
                                         "PAM_CRED_UNAVAIL",
                                         "PAM_CRED_EXPIRED",
                                         "PAM_CRED_ERR",
                                         "PAM_NO_MODULE_DATA",
                                         "PAM_CONV_ERR",
                                         "PAM_AUTHTOK_ERR",
                                         "PAM_AUTHTOK_RECOVERY_ERR",
                                         "PAM_AUTHTOK_LOCK_BUSY",
                                         "PAM_AUTHTOK_DISABLE_AGING",
                                         "PAM_TRY_AGAIN",
                                         "PAM_IGNORE",
                                         "PAM_ABORT",
                                         "PAM_AUTHTOK_EXPIRED",
                                         "PAM_MODULE_UNKNOWN",
                                         "PAM_BAD_ITEM",
                                         "PAM_CONV_AGAIN",
                                         "PAM_INCOMPLETE"};

static const struct {
    const char *name;
    int (*call)(pam_handle_t *, int);
    unsigned flags;
} operations[] = {
    {"auth", pam_authenticate, 0},
    {"acct", pam_acct_mgmt, 0},
    {"setcred", pam_setcred, PAM_ESTABLISH_CRED},
    {"setcred-reinit", pam_setcred, PAM_REINITIALIZE_CRED},
    {"setcred-refresh", pam_setcred, PAM_REFRESH_CRED},
    {"setcred-delete", pam_setcred, PAM_DELETE_CRED},
    {"open", pam_open_session, 0},
    {"close", pam_close_session, 0},
    {"chauthtok", pam_chauthtok, 0},
};

static const struct {
    const char *name;
    int item;
} item_names[] = {
    {"tty", PAM_TTY}, {"rhost", PAM_RHOST}, {"ruser", PAM_RUSER}, {"xdisplay", PAM_XDISPLAY}};

static long long now_us(void)
{
    struct timespec ts = {0};

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (long long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static const char *code_name(int code)
{
    if (code < 0 || (size_t)code >= sizeof(code_names) / sizeof(code_names[0]))
        return "unknown";
    return code_names[code];
}

static int count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 3; /* ".", ".." and the directory itself */
}

static void report(struct client *c, const char *name, int code, long long began)
{
    c->status = code;
    fprintf(
        c->script.out,
        "{\"kind\": \"result\", \"op\": \"%s\", \"code\": \"%s\", \"number\": %d, \"us\": %lld}\n",
        name, code_name(code), code, now_us() - began);
    fflush(c->script.out);
}

/* What sshd and su do: a child drops its copy of the handle. */
static void fork_end(struct client *c)
{
    pid_t pid = fork();

    if (pid == 0) {
        pam_end(c->script.pamh, PAM_SUCCESS | (int)PAM_DATA_SILENT);
        _exit(0);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void run_operation(struct client *c, const char *name)
{
    long long began = now_us();

    if (strcmp(name, "fork-end") == 0) {
        fork_end(c);
        return;
    }
    if (strncmp(name, "user=", 5) == 0) {
        report(c, name, pam_set_item(c->script.pamh, PAM_USER, name + 5), began);
        return;
    }
    for (size_t n = 0; n < sizeof(operations) / sizeof(operations[0]); n++)
        if (strcmp(name, operations[n].name) == 0) {
            int flags = c->flags | (int)operations[n].flags;
            report(c, name, operations[n].call(c->script.pamh, flags), began);
            return;
        }
    fprintf(stderr, "pam-client: unknown operation %s\n", name);
    exit(2);
}

static int set_items(const struct client *c)
{
    for (size_t i = 0; i < c->item_count; i++) {
        const char *equals = strchr(c->items[i], '=');
        int code = PAM_BAD_ITEM;
        for (size_t n = 0; equals != NULL && n < sizeof(item_names) / sizeof(item_names[0]); n++)
            if (strlen(item_names[n].name) == (size_t)(equals - c->items[i]) &&
                strncmp(c->items[i], item_names[n].name, (size_t)(equals - c->items[i])) == 0)
                code = pam_set_item(c->script.pamh, item_names[n].item, equals + 1);
        if (code != PAM_SUCCESS)
            return code;
    }
    return PAM_SUCCESS;
}

static void finish(struct client *c)
{
    const void *user = NULL;

    pam_get_item(c->script.pamh, PAM_USER, &user);
    fputs("{\"kind\": \"end\", \"user\": ", c->script.out);
    if (user == NULL)
        fputs("null", c->script.out);
    else
        script_json_text(c->script.out, user);
    pam_end(c->script.pamh, c->status);
    fprintf(c->script.out, ", \"fds\": %d}\n", count_descriptors());
    fflush(c->script.out);
}

static void *run_once(void *data)
{
    struct client *c = data;
    const struct pam_conv conv = {c->no_conversation ? NULL : script_converse, &c->script};
    long long began = now_us();
    int code;

    c->script.next_answer = 0;
    code = pam_start_confdir(c->service, c->user, &conv, c->confdir, &c->script.pamh);
    if (code != PAM_SUCCESS) {
        report(c, "start", code, began);
        return NULL;
    }
    if ((code = set_items(c)) != PAM_SUCCESS)
        report(c, "items", code, began);
    for (int n = 0; code == PAM_SUCCESS && n < c->operation_count; n++)
        run_operation(c, c->operations[n]);
    finish(c);
    return NULL;
}

static bool run_in_thread(struct client *c)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, run_once, c) == 0 && pthread_join(thread, NULL) == 0;
}

static bool parse_flags(struct client *c, char *list)
{
    char *rest = NULL;

    for (char *word = strtok_r(list, ",", &rest); word != NULL; word = strtok_r(NULL, ",", &rest)) {
        if (strcmp(word, "silent") == 0)
            c->flags |= (int)PAM_SILENT;
        else if (strcmp(word, "disallow-null") == 0)
            c->flags |= (int)PAM_DISALLOW_NULL_AUTHTOK;
        else
            return false;
    }
    return true;
}

static bool add(const char **list, size_t *count, size_t max, const char *value)
{
    if (*count >= max)
        return false;
    list[(*count)++] = value;
    return true;
}

static bool open_output(struct client *c, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, OUT_FD);

    if (fd >= 0)
        close(fd);
    return high >= 0 && (c->script.out = fdopen(high, "a")) != NULL;
}

enum option_id {
    SERVICE,
    USER,
    CONFDIR,
    ITEM,
    FLAGS,
    ANSWER,
    OUTPUT,
    REPEAT,
    THREAD,
    NO_CONV,
    FAIL_INFO,
    DELAY,
    EXEC,
    SET_USER
};

static const struct option long_options[] = {{"service", required_argument, NULL, SERVICE},
                                             {"user", required_argument, NULL, USER},
                                             {"confdir", required_argument, NULL, CONFDIR},
                                             {"item", required_argument, NULL, ITEM},
                                             {"flags", required_argument, NULL, FLAGS},
                                             {"answer", required_argument, NULL, ANSWER},
                                             {"output", required_argument, NULL, OUTPUT},
                                             {"repeat", required_argument, NULL, REPEAT},
                                             {"thread", no_argument, NULL, THREAD},
                                             {"no-conversation", no_argument, NULL, NO_CONV},
                                             {"fail-info", no_argument, NULL, FAIL_INFO},
                                             {"delay", required_argument, NULL, DELAY},
                                             {"exec", required_argument, NULL, EXEC},
                                             {"set-user", required_argument, NULL, SET_USER},
                                             {0}};

static bool take_option(struct client *c, int id)
{
    struct script *s = &c->script;

    switch (id) {
    case SERVICE:
        return (c->service = optarg) != NULL;
    case USER:
        return (c->user = optarg) != NULL;
    case CONFDIR:
        return (c->confdir = optarg) != NULL;
    case ITEM:
        return add(c->items, &c->item_count, ITEMS_MAX, optarg);
    case FLAGS:
        return parse_flags(c, optarg);
    case ANSWER:
        return add(s->answers, &s->answer_count, SCRIPT_ANSWERS_MAX, optarg);
    case OUTPUT:
        return open_output(c, optarg);
    case REPEAT:
        return (c->repeat = (unsigned)strtoul(optarg, NULL, 10)) > 0;
    case THREAD:
        return c->threaded = true;
    case NO_CONV:
        return c->no_conversation = true;
    case FAIL_INFO:
        return s->fail_info = true;
    case DELAY:
        return (s->delay_ms = (unsigned)strtoul(optarg, NULL, 10)) > 0;
    case EXEC:
        return (s->command = optarg) != NULL;
    case SET_USER:
        return (s->new_user = optarg) != NULL;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    struct client c = {.repeat = 1, .script = {.out = stdout}};
    int id;

    while ((id = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (!take_option(&c, id)) {
            fputs(usage, stderr);
            return 2;
        }
    c.operations = argv + optind;
    c.operation_count = argc - optind;
    if (c.service == NULL || c.confdir == NULL || c.operation_count == 0) {
        fputs(usage, stderr);
        return 2;
    }
    for (unsigned n = 0; n < c.repeat; n++)
        if (!c.threaded)
            run_once(&c);
        else if (!run_in_thread(&c))
            return 2;
    return c.status == PAM_SUCCESS ? 0 : 1;
}
