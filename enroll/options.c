/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/options.h"

#include "enroll/paths.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct parser {
    struct options *out;
    int argc;
    char **argv;
    int at;
    bool words_only; /* behind "--" */
    bool lang_given;
    const char *word[2]; /* noun and action */
    size_t words;
    size_t positional; /* words given to the command's parameters */
    unsigned seen;     /* bit n: row n of global_option */
};

enum global_kind { GLOBAL_FLAG, GLOBAL_STRING, GLOBAL_LANG };

struct global_option {
    const char *name;
    enum global_kind kind;
    size_t offset;
};

static const struct global_option global_option[] = {
    {"--json", GLOBAL_FLAG, offsetof(struct options, json)},
    {"--yes", GLOBAL_FLAG, offsetof(struct options, yes)},
    {"--pin-stdin", GLOBAL_FLAG, offsetof(struct options, pin_stdin)},
    {"--help", GLOBAL_FLAG, offsetof(struct options, help)},
    {"--version", GLOBAL_FLAG, offsetof(struct options, version)},
    {"--lang", GLOBAL_LANG, offsetof(struct options, lang)},
    {"--config", GLOBAL_STRING, offsetof(struct options, config)},
    {"--toyamad", GLOBAL_STRING, offsetof(struct options, toyamad)},
    {"--pam-dir", GLOBAL_STRING, offsetof(struct options, pam_dir)},
    {"--sudoers", GLOBAL_STRING, offsetof(struct options, sudoers)},
    {"--localedir", GLOBAL_STRING, offsetof(struct options, localedir)},
};

#define GLOBALS (sizeof(global_option) / sizeof(global_option[0]))

/* True where `arg` is `name` or `name=value`. */
static bool names_option(const char *arg, const char *name)
{
    size_t len = strlen(name);

    return strncmp(arg, name, len) == 0 && (arg[len] == '\0' || arg[len] == '=');
}

/* The value behind '=' or the next argument; NULL where there is none. */
static const char *take_value(struct parser *p, const char *arg)
{
    const char *equals = strchr(arg, '=');

    if (equals != NULL)
        return equals + 1;
    return p->at < p->argc ? p->argv[p->at++] : NULL;
}

static int set_global(struct parser *p, const struct global_option *g, const char *arg)
{
    char *field = (char *)p->out + g->offset;
    const char *value;

    p->out->param = NULL;
    if (g->kind == GLOBAL_FLAG) {
        *(bool *)field = true;
        return strchr(arg, '=') == NULL ? OPTIONS_OK : OPTIONS_VALUE;
    }
    if ((value = take_value(p, arg)) == NULL || *value == '\0')
        return OPTIONS_VALUE;
    if (g->kind == GLOBAL_LANG)
        return lang_parse(value, &p->out->lang) ? OPTIONS_OK : OPTIONS_BAD;
    memcpy(field, &value, sizeof(value));
    return OPTIONS_OK;
}

static int take_global(struct parser *p, const char *arg, bool *taken)
{
    for (size_t n = 0; n < GLOBALS; n++) {
        if (!names_option(arg, global_option[n].name))
            continue;
        *taken = true;
        if ((p->seen & 1u << n) != 0)
            return OPTIONS_TWICE;
        p->seen |= 1u << n;
        return set_global(p, &global_option[n], arg);
    }
    return OPTIONS_OK;
}

static bool is_file(const struct parameter *param)
{
    return param->kind == VALUE_FILE_IN || param->kind == VALUE_FILE_OUT ||
           param->kind == VALUE_FOLDER;
}

static int set_file(struct options *out, const struct parameter *param, const char *path)
{
    if (out->file != NULL)
        return OPTIONS_TWICE;
    out->file = param;
    out->file_path = path;
    return path[0] != '\0' ? OPTIONS_OK : OPTIONS_BAD;
}

static int set_parameter(struct parser *p, const struct parameter *param, const char *value)
{
    p->out->param = param;
    if (is_file(param))
        return set_file(p->out, param, value);
    if (admin_pair_get(&p->out->pairs, param->key) != NULL)
        return OPTIONS_TWICE;
    if (!command_value_fits(param->kind, value)) {
        p->out->about = value;
        return OPTIONS_BAD;
    }
    if (param->kind == VALUE_TEXT_OR_NONE && strcmp(value, "none") == 0)
        value = "";
    return admin_pair_add(&p->out->pairs, param->key, value) ? OPTIONS_OK : OPTIONS_BAD;
}

static const char *take_parameter_value(struct parser *p, enum value_kind kind, const char *arg)
{
    if (kind != VALUE_FLAG)
        return take_value(p, arg);
    return strchr(arg, '=') == NULL ? "yes" : NULL;
}

static int take_option(struct parser *p, const char *arg)
{
    const struct command *c = p->out->command;
    bool taken = false;
    int r = take_global(p, arg, &taken);
    const char *value;

    if (taken)
        return r;
    for (size_t n = 0; c != NULL && n < c->params; n++) {
        if (command_is_positional(&c->param[n]) || !names_option(arg, c->param[n].name))
            continue;
        value = take_parameter_value(p, c->param[n].kind, arg);
        return value == NULL ? OPTIONS_VALUE : set_parameter(p, &c->param[n], value);
    }
    return OPTIONS_UNKNOWN;
}

static int take_command_word(struct parser *p, const char *word)
{
    p->word[p->words++] = word;
    if (!command_has_noun(p->word[0]))
        return OPTIONS_COMMAND;
    p->out->noun = p->word[0];
    if (p->words == 1 && !command_is_whole(p->word[0]))
        return OPTIONS_OK;
    p->out->command = command_find(p->word[0], p->word[1]);
    return p->out->command == NULL ? OPTIONS_COMMAND : OPTIONS_OK;
}

static int take_positional(struct parser *p, const char *word)
{
    const struct command *c = p->out->command;
    size_t skip = p->positional++;

    for (size_t n = 0; n < c->params; n++)
        if (command_is_positional(&c->param[n]) && skip-- == 0)
            return set_parameter(p, &c->param[n], word);
    return OPTIONS_EXTRA;
}

static int take_argument(struct parser *p)
{
    const char *arg = p->argv[p->at++];

    p->out->about = arg;
    if (!p->words_only && strcmp(arg, "--") == 0) {
        p->words_only = true;
        return OPTIONS_OK;
    }
    if (!p->words_only && arg[0] == '-' && arg[1] != '\0')
        return take_option(p, arg);
    return p->out->command == NULL ? take_command_word(p, arg) : take_positional(p, arg);
}

static bool given(const struct options *opt, const struct parameter *param)
{
    return is_file(param) ? opt->file != NULL : admin_pair_get(&opt->pairs, param->key) != NULL;
}

static int check_complete(struct options *out)
{
    const struct command *c = out->command;

    if (out->help || out->version)
        return OPTIONS_OK;
    if (c == NULL)
        return OPTIONS_NO_COMMAND;
    for (size_t n = 0; n < c->params; n++)
        if (c->param[n].required && !given(out, &c->param[n])) {
            out->param = &c->param[n];
            return OPTIONS_MISSING;
        }
    return OPTIONS_OK;
}

/* What decides how an error is told, wherever it stands on the line. */
static void look_ahead(int argc, char **argv, struct options *out)
{
    for (int n = 1; n < argc && strcmp(argv[n], "--") != 0; n++) {
        if (strcmp(argv[n], "--json") == 0)
            out->json = true;
        else if (strcmp(argv[n], "--lang") == 0 && n + 1 < argc)
            lang_parse(argv[n + 1], &out->lang);
        else if (names_option(argv[n], "--lang") && strchr(argv[n], '=') != NULL)
            lang_parse(strchr(argv[n], '=') + 1, &out->lang);
    }
}

int options_parse(int argc, char **argv, struct options *out)
{
    struct parser p = {.out = out, .argc = argc, .argv = argv, .at = 1};
    int r;

    *out = (struct options){.lang = lang_default(),
                            .config = PATHS_CONFIG,
                            .toyamad = PATHS_TOYAMAD,
                            .pam_dir = PATHS_PAM_DIR,
                            .sudoers = PATHS_SUDOERS,
                            .localedir = PATHS_LOCALEDIR};
    look_ahead(argc, argv, out);
    while (p.at < argc)
        if ((r = take_argument(&p)) != OPTIONS_OK)
            return r;
    return check_complete(out);
}

static const char *allowed_values(enum value_kind kind)
{
    switch (kind) {
    case VALUE_NUMBER:
        return _("a number");
    case VALUE_DATE:
        return _("a date as in 2026-04-01");
    case VALUE_DATE_OR_NONE:
        return _("a date as in 2026-04-01, or none");
    case VALUE_MOMENT:
        return _("a date or a time as in 2026-04-01T17:15");
    case VALUE_YESNO:
        return _("yes or no");
    case VALUE_FINGER:
        return _("a finger as in right-index (toyama-enroll finger enroll --help lists them)");
    case VALUE_FINGER_OR_ALL:
        return _("a finger as in right-index, or all");
    case VALUE_ROLE:
        return _("a role as in registrar (toyama-enroll role grant --help lists them)");
    case VALUE_CATEGORY:
        return _("a category as in regular (toyama-enroll person add --help lists them)");
    case VALUE_FILE_IN:
    case VALUE_FILE_OUT:
    case VALUE_FOLDER:
        return _("a file");
    case VALUE_TEXT:
    case VALUE_TEXT_OR_NONE:
    case VALUE_FLAG:
        break;
    }
    return _("a shorter text");
}

void options_explain(int err, const struct options *opt, char *out, size_t cap)
{
    const char *about = opt->about != NULL ? opt->about : "";
    const char *param = opt->param != NULL ? opt->param->name : "--lang";

    if (err == OPTIONS_NO_COMMAND)
        snprintf(out, cap, "%s", _("A command is missing."));
    else if (err == OPTIONS_COMMAND)
        snprintf(out, cap, _("There is no such command: %s"), about);
    else if (err == OPTIONS_UNKNOWN)
        snprintf(out, cap, _("This command has no option %s."), about);
    else if (err == OPTIONS_VALUE)
        snprintf(out, cap, _("The value of option %s is missing or not wanted."), about);
    else if (err == OPTIONS_TWICE)
        snprintf(out, cap, _("Given twice: %s"), about);
    else if (err == OPTIONS_EXTRA)
        snprintf(out, cap, _("One word too many: %s"), about);
    else if (err == OPTIONS_MISSING)
        snprintf(out, cap, _("%s is missing."), param);
    else if (opt->param == NULL)
        snprintf(out, cap, _("%s must be ja or en."), param);
    else
        snprintf(out, cap, _("\"%s\" does not fit %s: it must be %s."), about, param,
                 allowed_values(opt->param->kind));
}
