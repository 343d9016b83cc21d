/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/pam/conversation.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONG_ANSWER 512
#define HUGE_ANSWER 70000

void script_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static const char *style_name(int style)
{
    switch (style) {
    case PAM_PROMPT_ECHO_OFF:
        return "secret";
    case PAM_PROMPT_ECHO_ON:
        return "question";
    case PAM_ERROR_MSG:
        return "error";
    case PAM_TEXT_INFO:
        return "info";
    default:
        return "unknown";
    }
}

static void write_down(const struct script *s, const struct pam_message *m)
{
    fprintf(s->out,
            "{\"kind\": \"message\", \"style\": \"%s\", \"text\": ", style_name(m->msg_style));
    script_json_text(s->out, m->msg == NULL ? "" : m->msg);
    fputs("}\n", s->out);
    fflush(s->out);
}

static char *repeated(size_t len)
{
    char *text = malloc(len + 1);

    if (text != NULL) {
        memset(text, '1', len);
        text[len] = '\0';
    }
    return text;
}

static int take_answer(struct script *s, char **out)
{
    const char *answer =
        s->next_answer < s->answer_count ? s->answers[s->next_answer++] : "CONV_ERR";

    *out = NULL;
    if (strcmp(answer, "CONV_ERR") == 0)
        return PAM_CONV_ERR;
    if (strcmp(answer, "CONV_AGAIN") == 0)
        return PAM_CONV_AGAIN;
    if (strcmp(answer, "NULL") == 0)
        return PAM_SUCCESS;
    if (strcmp(answer, "LONG") == 0)
        *out = repeated(LONG_ANSWER);
    else if (strcmp(answer, "HUGE") == 0)
        *out = repeated(HUGE_ANSWER);
    else
        *out = strdup(strcmp(answer, "EMPTY") == 0 ? "" : answer);
    return *out == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static void run_shell(const char *command)
{
    pid_t pid = fork();

    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

static void act(const struct script *s)
{
    if (s->command != NULL)
        run_shell(s->command);
    if (s->new_user != NULL)
        pam_set_item(s->pamh, PAM_USER, s->new_user);
}

static void think(const struct script *s)
{
    const struct timespec delay = {s->delay_ms / 1000, s->delay_ms % 1000 * 1000000L};

    if (s->delay_ms > 0)
        nanosleep(&delay, NULL);
}

static int answer_one(struct script *s, const struct pam_message *m, char **out)
{
    write_down(s, m);
    act(s);
    *out = NULL;
    if (m->msg_style == PAM_PROMPT_ECHO_OFF || m->msg_style == PAM_PROMPT_ECHO_ON) {
        think(s);
        return take_answer(s, out);
    }
    return s->fail_info ? PAM_CONV_ERR : PAM_SUCCESS;
}

/* "NULL" is an answer that is not there; with a failure the caller's pointer is left pointing at
 * nothing that could be freed, as careless applications do. */
int script_converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *appdata_ptr)
{
    struct script *s = appdata_ptr;
    struct pam_response *list;
    int code = PAM_SUCCESS;

    if (count != 1) {
        fprintf(s->out, "{\"kind\": \"note\", \"text\": \"%d messages in one call\"}\n", count);
        return PAM_CONV_ERR;
    }
    if ((list = calloc(1, sizeof(*list))) == NULL)
        return PAM_BUF_ERR;
    code = answer_one(s, messages[0], &list->resp);
    if (code != PAM_SUCCESS) {
        free(list);
        *responses = (struct pam_response *)(void *)0x10;
        return code;
    }
    *responses = list;
    return PAM_SUCCESS;
}
