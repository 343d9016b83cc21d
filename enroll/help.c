/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/help.h"

#include "enroll/names.h"

#include <stdio.h>
#include <string.h>

#define WRAP 78

static const char *placeholder(const struct parameter *p)
{
    switch (p->kind) {
    case VALUE_NUMBER:
        return " N";
    case VALUE_DATE:
        return " YYYY-MM-DD";
    case VALUE_DATE_OR_NONE:
        return " YYYY-MM-DD|none";
    case VALUE_MOMENT:
        return " YYYY-MM-DD[Thh:mm]";
    case VALUE_YESNO:
        return " yes|no";
    case VALUE_CATEGORY:
        return " CATEGORY";
    case VALUE_ROLE:
        return " ROLE";
    case VALUE_FLAG:
        return "";
    case VALUE_FILE_IN:
    case VALUE_FILE_OUT:
        return " FILE";
    case VALUE_FOLDER:
        return " DIR";
    case VALUE_TEXT_OR_NONE:
        return " TEXT|none";
    case VALUE_TEXT:
    case VALUE_FINGER:
    case VALUE_FINGER_OR_ALL:
        break;
    }
    return " TEXT";
}

static void print_usage(const struct command *c)
{
    char name[64];

    command_name(c, name, sizeof(name));
    printf("toyama-enroll %s", name);
    for (size_t n = 0; n < c->params; n++) {
        const struct parameter *p = &c->param[n];
        printf(" %s%s", p->required ? "" : "[", p->name);
        if (!command_is_positional(p))
            printf("%s", placeholder(p));
        printf("%s", p->required ? "" : "]");
    }
    putchar('\n');
}

/* English breaks at blanks; Japanese has none, so that a line may be longer there. */
static void print_wrapped(const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > WRAP) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column > 0 ? " " : "", (int)word, text);
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_values(const struct command *c)
{
    for (size_t n = 0; n < c->params; n++) {
        if (c->param[n].kind == VALUE_CATEGORY) {
            printf("\n%s\n", _("Categories:"));
            names_list_categories();
        }
        if (c->param[n].kind == VALUE_ROLE) {
            printf("\n%s\n", _("Roles:"));
            names_list_roles();
        }
        if (c->param[n].kind == VALUE_FINGER || c->param[n].kind == VALUE_FINGER_OR_ALL) {
            printf("\n%s\n", _("Fingers:"));
            names_list_fingers();
        }
    }
}

static void print_command(const struct command *c)
{
    print_usage(c);
    printf("\n%s\n\n", _(c->summary));
    print_wrapped(_(c->detail));
    print_values(c);
    printf("\n%s\n  %s\n", _("Example:"), c->example);
}

static void print_list(const char *noun)
{
    const struct command *c;

    for (size_t n = 0; (c = command_at(n)) != NULL; n++) {
        char name[64];
        if (noun != NULL && strcmp(c->noun, noun) != 0)
            continue;
        command_name(c, name, sizeof(name));
        printf("  %-15s %s\n", name, _(c->summary));
    }
}

static void print_options(void)
{
    static const char *const option[][2] = {
        {"--json", N_("One JSON document instead of text; progress as JSON lines on stderr.")},
        {"--config FILE", N_("Another configuration than /etc/toyama/toyama.conf.")},
        {"--lang ja|en", N_("Language; without it that of the locale.")},
        {"--yes", N_("Do not ask first.")},
        {"--pin-stdin", N_("Read a PIN from standard input, one line, not from the terminal.")},
        {"--help", N_("This help, or that of a command.")},
        {"--version", N_("Print the version.")},
    };

    printf("\n%s\n", _("Options:"));
    for (size_t n = 0; n < sizeof(option) / sizeof(option[0]); n++)
        printf("  %-15s %s\n", option[n][0], _(option[n][1]));
}

static void print_everything(void)
{
    printf("%s\n\n%s\n", _("toyama-enroll COMMAND [OPTION...]"),
           _("Registers people, cards and fingers, and looks after this host's two-factor login."));
    printf("\n%s\n", _("Commands:"));
    print_list(NULL);
    print_options();
    printf("\n%s\n  toyama-enroll check\n  toyama-enroll person add --help\n", _("Begin with:"));
}

void help_print(const struct options *opt)
{
    if (opt->command != NULL)
        print_command(opt->command);
    else if (opt->noun != NULL)
        print_list(opt->noun);
    else
        print_everything();
}
