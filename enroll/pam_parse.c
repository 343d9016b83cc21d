/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS    " \t\r\n"
#define TEXT_MAX  2048 /* octets of a logical line */
#define ALL_TYPES (-1)

struct reader {
    const char *dir;
    struct pam_stack *out;
    const char *file;
    unsigned number;
    unsigned depth;
    unsigned level;
    int only; /* an enum pam_type, or ALL_TYPES */
    int err;  /* the first error met */
};

static int read_file(const struct reader *from, const char *file, int only, unsigned level);

static void note_error(struct reader *r, int err)
{
    if (r->err != PAM_PARSE_OK)
        return;
    r->err = err;
    snprintf(r->out->bad_file, sizeof(r->out->bad_file), "%s", r->file);
    r->out->bad_line = r->number;
}

/* Appends one physical line; true while the logical line goes on. */
static bool append_physical(char *text, size_t *len, char *line)
{
    char *hash = strchr(line, '#');
    size_t n;
    bool more;

    if (hash != NULL)
        *hash = '\0';
    n = strcspn(line, "\n");
    more = hash == NULL && n > 0 && line[n - 1] == '\\';
    if (more)
        line[--n] = ' ';
    if (more)
        n++;
    if (*len + n >= TEXT_MAX)
        n = TEXT_MAX - 1 - *len;
    memcpy(text + *len, line, n);
    *len += n;
    text[*len] = '\0';
    return more;
}

static bool next_line(struct reader *r, FILE *in, char text[TEXT_MAX])
{
    char line[TEXT_MAX];
    size_t len = 0;
    bool more = true, any = false;

    text[0] = '\0';
    while (more && fgets(line, sizeof(line), in) != NULL) {
        r->number++;
        any = true;
        more = append_physical(text, &len, line);
    }
    return any;
}

/* The next word, or the inside of brackets; the text is cut up. */
static char *take_word(char **text, bool *brackets)
{
    char *start = *text + strspn(*text, BLANKS);
    char *end;

    *brackets = *start == '[';
    start += *brackets ? 1 : 0;
    end = start + strcspn(start, *brackets ? "]" : BLANKS);
    if (end == start && *end == '\0')
        return NULL;
    *text = *end == '\0' ? end : end + 1;
    *end = '\0';
    return start;
}

static bool type_of(const char *word, enum pam_type *out)
{
    static const struct {
        const char *word;
        enum pam_type type;
    } types[] = {{"auth", PAM_TYPE_AUTH},
                 {"account", PAM_TYPE_ACCOUNT},
                 {"password", PAM_TYPE_OTHER},
                 {"session", PAM_TYPE_OTHER}};

    word += *word == '-' ? 1 : 0;
    for (size_t n = 0; n < sizeof(types) / sizeof(types[0]); n++)
        if (strcmp(types[n].word, word) == 0) {
            *out = types[n].type;
            return true;
        }
    return false;
}

static struct pam_line *new_line(struct pam_stack *s)
{
    struct pam_line *grown;
    size_t room = s->room == 0 ? 32 : s->room * 2;

    if (s->count >= PAM_PARSE_LINES_MAX)
        return NULL;
    if (s->count == s->room) {
        if ((grown = reallocarray(s->line, room, sizeof(*grown))) == NULL)
            return NULL;
        s->line = grown;
        s->room = room;
    }
    s->line[s->count] = (struct pam_line){0};
    return &s->line[s->count++];
}

static void fill_line(const struct reader *r, struct pam_line *line, const char *module,
                      const char *args)
{
    const char *slash = strrchr(module, '/');

    line->level = r->level;
    line->number = r->number;
    snprintf(line->file, sizeof(line->file), "%s", r->file);
    snprintf(line->module, sizeof(line->module), "%s", slash != NULL ? slash + 1 : module);
    args += strspn(args, BLANKS);
    snprintf(line->args, sizeof(line->args), "%.*s", (int)strcspn(args, "\r\n"), args);
}

static void take_module(struct reader *r, enum pam_type type, const char *control, bool brackets,
                        char *rest)
{
    struct pam_line *line = new_line(r->out);
    bool ignored = false;
    char *module = take_word(&rest, &ignored);

    if (line == NULL) {
        note_error(r, PAM_PARSE_LINES);
        return;
    }
    if (!pam_control_parse(control, brackets, &line->control) || module == NULL)
        note_error(r, PAM_PARSE_SYNTAX);
    line->type = type;
    line->sufficient =
        !brackets && (strcmp(control, "sufficient") == 0 || strcmp(control, "optional") == 0);
    fill_line(r, line, module != NULL ? module : "", rest);
}

/* A line without a module: the head of a substack, or a file that is not there, which denies. */
static void add_bare(struct reader *r, enum pam_type type, bool substack)
{
    struct pam_line *line = new_line(r->out);

    if (line == NULL) {
        note_error(r, PAM_PARSE_LINES);
        return;
    }
    line->type = type;
    line->substack = substack;
    pam_control_parse("", true, &line->control);
    fill_line(r, line, "", "");
}

static void take_include(struct reader *r, int only, bool substack, char *rest)
{
    bool brackets = false;
    char *file = take_word(&rest, &brackets);
    int err;

    if (file == NULL) {
        note_error(r, PAM_PARSE_SYNTAX);
        return;
    }
    if (r->out->included != NULL)
        r->out->included(r->out->context, file);
    if (substack)
        add_bare(r, (enum pam_type)only, true);
    err = read_file(r, file, only, r->level + (substack ? 1 : 0));
    if (err == PAM_PARSE_FILE && only != ALL_TYPES)
        add_bare(r, (enum pam_type)only, false);
    /* What is wrong inside the other file has noted its own place. */
    if (err != PAM_PARSE_OK && r->err == PAM_PARSE_OK)
        r->err = err;
}

static void take_line(struct reader *r, char *text)
{
    enum pam_type type = PAM_TYPE_OTHER;
    bool brackets = false;
    char *word = take_word(&text, &brackets);
    char *control;

    if (word == NULL)
        return;
    if (strcmp(word, "@include") == 0) {
        take_include(r, r->only, false, text);
        return;
    }
    control = take_word(&text, &brackets);
    if (!type_of(word, &type) || control == NULL) {
        note_error(r, PAM_PARSE_SYNTAX);
        return;
    }
    if (r->only != ALL_TYPES && r->only != (int)type)
        return;
    if (!brackets && strcmp(control, "include") == 0)
        take_include(r, (int)type, false, text);
    else if (!brackets && strcmp(control, "substack") == 0)
        take_include(r, (int)type, true, text);
    else
        take_module(r, type, control, brackets, text);
}

static int read_file(const struct reader *from, const char *file, int only, unsigned level)
{
    struct reader r = {.dir = from->dir,
                       .out = from->out,
                       .file = file,
                       .depth = from->depth + 1,
                       .level = level,
                       .only = only};
    bool whole = file[0] == '/';
    char path[4096], text[TEXT_MAX];
    FILE *in;

    if (r.depth > PAM_PARSE_DEPTH_MAX) {
        note_error(&r, PAM_PARSE_DEPTH);
        return r.err;
    }
    snprintf(path, sizeof(path), "%s%s%s", whole ? "" : r.dir, whole ? "" : "/", file);
    if ((in = fopen(path, "re")) == NULL) {
        note_error(&r, PAM_PARSE_FILE);
        return r.err;
    }
    while (r.err != PAM_PARSE_DEPTH && r.err != PAM_PARSE_LINES && next_line(&r, in, text))
        take_line(&r, text);
    fclose(in);
    return r.err;
}

int pam_parse_service(const char *dir, const char *service, struct pam_stack *out)
{
    struct reader root = {.dir = dir, .out = out};

    return read_file(&root, service, ALL_TYPES, 0);
}

void pam_parse_free(struct pam_stack *stack)
{
    free(stack->line);
    stack->line = NULL;
    stack->count = stack->room = 0;
}
