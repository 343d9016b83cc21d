/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/progress.h"

#include "enroll/json.h"
#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/secret.h"
#include "enroll/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STAGES_MAX 20

struct progress progress_begin(bool json, bool pin_stdin)
{
    return (struct progress){
        .json = json, .pin_stdin = pin_stdin, .terminal = isatty(STDERR_FILENO) != 0};
}

static size_t terminal_columns(void)
{
    struct winsize size = {0};

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static unsigned long number(const struct args *args, const char *name)
{
    const struct arg *arg = args_find(args, name);

    return arg == NULL || arg->kind != ARG_NUMBER ? 0 : strtoul(arg->value, NULL, 10);
}

static void remember_stage(struct progress *p, const struct args *args)
{
    unsigned long stages = number(args, "stages");

    if (stages == 0 || stages > STAGES_MAX)
        return;
    p->stages = stages;
    p->stage = number(args, "stage");
}

static void draw(struct progress *p, const char *text)
{
    bool ja = lang_now() == LANG_JA;
    char line[STAGES_MAX * 4 + MESSAGE_MAX] = "";
    size_t len = 0;

    for (unsigned long n = 1; n <= p->stages && n <= STAGES_MAX; n++) {
        const char *block = n < p->stage ? (ja ? "■" : "#") : (ja ? "□" : ".");
        len += (size_t)snprintf(line + len, sizeof(line) - len, "%s", block);
    }
    snprintf(line + len, sizeof(line) - len, " %s", text);
    fprintf(stderr, "\r\033[K%.*s", (int)width_fit(line, terminal_columns() - 1), line);
    fflush(stderr);
    p->line_open = true;
}

static void put_json(const char *type, const char *msg, const struct args *args, const char *text)
{
    struct json j = json_begin(stderr);

    json_open(&j, '{');
    json_pair(&j, type, msg);
    json_pair(&j, "text", text);
    json_key(&j, "args");
    json_open(&j, '{');
    for (size_t n = 0; n < args->count; n++)
        json_pair(&j, args->arg[n].name, args->arg[n].value);
    json_close(&j, '}');
    json_close(&j, '}');
    json_end(&j);
}

static void show(struct progress *p, const char *type, const char *msg, const struct args *args)
{
    char text[MESSAGE_MAX];

    message_render(msg, args, text);
    remember_stage(p, args);
    if (p->json)
        put_json(type, msg, args, text);
    else if (p->terminal && p->stages > 0)
        draw(p, text);
    else
        fprintf(stderr, "%s\n", text);
}

static void on_event(void *context, const char *msg, const struct args *args)
{
    const struct progress *p = context;

    if (p->unsaid == NULL || strcmp(msg, p->unsaid) != 0)
        show(context, "event", msg, args);
}

static void explain(int err)
{
    if (err == SECRET_NO_TERMINAL)
        fprintf(stderr, "%s\n", _("There is no terminal to ask for the PIN; see --pin-stdin."));
    else if (err == SECRET_TOO_LONG)
        fprintf(stderr, "%s\n", _("That is too long for a PIN. Nothing was sent to the card."));
}

static bool on_ask(void *context, const char *msg, const struct args *args,
                   struct client_secret *out)
{
    struct progress *p = context;
    char text[MESSAGE_MAX];
    int err;

    progress_end(p, false);
    if (p->pin_stdin) {
        if (p->json)
            show(p, "ask", msg, args);
        err = secret_from_stdin(out);
    } else {
        message_render(msg, args, text);
        err = secret_from_terminal(text, out);
    }
    if (!p->json)
        explain(err);
    return err == SECRET_OK;
}

struct client_hooks progress_hooks(struct progress *p)
{
    return (struct client_hooks){.context = p, .event = on_event, .ask = on_ask};
}

void progress_end(struct progress *p, bool complete)
{
    if (!p->line_open)
        return;
    if (complete) {
        p->stage = p->stages + 1;
        draw(p, "");
    }
    fputc('\n', stderr);
    p->line_open = false;
}
