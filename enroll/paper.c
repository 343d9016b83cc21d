/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/paper.h"

#include "enroll/lang.h"
#include "enroll/names.h"
#include "enroll/wareki.h"
#include "enroll/width.h"

#include <string.h>

#define LABEL_COLUMNS 22
#define HASH_GROUP    8 /* hexadecimal digits that a person compares at once */

enum style { STYLE_TEXT, STYLE_WORD, STYLE_TIME, STYLE_FINGERS, STYLE_HASH };

struct line {
    const char *label;
    const char *key;
    const char *also; /* shown behind in brackets, where there is one */
    enum style style;
};

struct paper {
    const char *kind; /* of event */
    const char *title;
    const struct line *line;
    size_t lines;
    const char *statement;
    const char *signer[2]; /* NULL: none */
};

static const struct line destroyed[] = {
    {N_("Card"), "label", NULL, STYLE_TEXT},
    {N_("Card's id"), "card", NULL, STYLE_TEXT},
    {N_("Kind of card"), "family", NULL, STYLE_WORD},
    {N_("Holder"), "person", "name", STYLE_TEXT},
    {N_("Reason"), "reason", NULL, STYLE_WORD},
    {N_("Form no."), "form", NULL, STYLE_TEXT},
    {N_("Destroyed on"), "time", NULL, STYLE_TIME},
    {N_("Operator"), "operator", "operator_name", STYLE_TEXT},
    {N_("Witness"), "witness", "witness_name", STYLE_TEXT},
    {N_("Terminal"), "host", NULL, STYLE_TEXT},
    {N_("Event no."), "sequence", NULL, STYLE_TEXT},
    {N_("Hash of the log"), "link", NULL, STYLE_HASH},
};

static const struct line deleted[] = {
    {N_("Staff no."), "person", "name", STYLE_TEXT},
    {N_("Deleted fingers"), "finger", NULL, STYLE_FINGERS},
    {N_("Reason"), "reason", NULL, STYLE_WORD},
    {N_("Form no."), "form", NULL, STYLE_TEXT},
    {N_("Deleted on"), "time", NULL, STYLE_TIME},
    {N_("Operator"), "operator", "operator_name", STYLE_TEXT},
    {N_("Terminal"), "host", NULL, STYLE_TEXT},
    {N_("Event no."), "sequence", NULL, STYLE_TEXT},
    {N_("Hash of the log"), "link", NULL, STYLE_HASH},
};

#define LINES(table) table, sizeof(table) / sizeof((table)[0])

static const struct paper paper_table[] = {
    {"card-destroyed",
     N_("Record of a card's destruction"),
     LINES(destroyed),
     N_("The card above was made unusable for good, in the presence of both."),
     {N_("Operator"), N_("Witness")}},
    {"templates-deleted",
     N_("Certificate of deletion"),
     LINES(deleted),
     N_("The fingerprint data above was deleted from this terminal and cannot be brought back."),
     {N_("Certified by"), NULL}},
    {"person-retired",
     N_("Certificate of deletion"),
     LINES(deleted),
     N_("The fingerprint data above was deleted from this terminal and cannot be brought back."),
     {N_("Certified by"), NULL}},
    {"finger-deleted",
     N_("Certificate of deletion"),
     LINES(deleted),
     N_("The fingerprint data above was deleted from this terminal and cannot be brought back."),
     {N_("Certified by"), NULL}},
};

static const struct paper *find(const char *kind)
{
    for (size_t n = 0; n < sizeof(paper_table) / sizeof(paper_table[0]); n++)
        if (strcmp(paper_table[n].kind, kind) == 0)
            return &paper_table[n];
    return NULL;
}

static void print_hash(FILE *out, const char *value)
{
    for (size_t n = 0; value[n] != '\0'; n++) {
        if (n > 0 && n % (4 * (size_t)HASH_GROUP) == 0)
            fprintf(out, "\n%*s", LABEL_COLUMNS, "");
        else if (n > 0 && n % HASH_GROUP == 0)
            fputc(' ', out);
        fputc(value[n], out);
    }
}

/* "right-index left-thumb" as words. */
static void print_fingers(FILE *out, char *value)
{
    const char *between = lang_now() == LANG_JA ? "、" : ", ";
    char *save = NULL;
    size_t count = 0;

    for (char *w = strtok_r(value, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
        fprintf(out, "%s%s", count++ > 0 ? between : "", names_word(w));
}

static void print_value(FILE *out, enum style style, char *value)
{
    char text[ADMIN_VALUE_MAX];

    switch (style) {
    case STYLE_TEXT:
        fputs(value, out);
        break;
    case STYLE_WORD:
        fputs(names_word(value), out);
        break;
    case STYLE_TIME:
        wareki_time(value, text, sizeof(text));
        fputs(text, out);
        break;
    case STYLE_FINGERS:
        print_fingers(out, value);
        break;
    case STYLE_HASH:
        print_hash(out, value);
        break;
    }
}

static void print_line(FILE *out, const struct rows *rows, size_t n, const struct line *line)
{
    char value[ADMIN_VALUE_MAX] = "", also[ADMIN_VALUE_MAX] = "";

    if (!rows_value(rows, n, line->key, value, sizeof(value)) || value[0] == '\0')
        return;
    if (line->also != NULL)
        rows_value(rows, n, line->also, also, sizeof(also));
    width_pad(out, _(line->label), LABEL_COLUMNS);
    print_value(out, line->style, value);
    if (also[0] != '\0')
        fprintf(out, lang_now() == LANG_JA ? "（%s）" : " (%s)", also);
    fputc('\n', out);
}

static void print_signers(FILE *out, const struct paper *paper)
{
    for (size_t n = 0; n < 2 && paper->signer[n] != NULL; n++) {
        fputs("\n\n", out);
        width_pad(out, _(paper->signer[n]), LABEL_COLUMNS);
        fprintf(out, "______________________________  %s\n", _("(seal)"));
    }
}

static void print_one(FILE *out, const struct rows *rows, size_t n, const struct paper *paper)
{
    fprintf(out, "%*s%s\n\n", LABEL_COLUMNS, "", _(paper->title));
    for (size_t i = 0; i < paper->lines; i++)
        print_line(out, rows, n, &paper->line[i]);
    fprintf(out, "\n%s\n", _(paper->statement));
    print_signers(out, paper);
}

static const struct paper *paper_of(const struct rows *rows, size_t n)
{
    char kind[32] = "";

    return rows_value(rows, n, "kind", kind, sizeof(kind)) ? find(kind) : NULL;
}

size_t paper_count(const struct rows *rows)
{
    size_t count = 0;

    for (size_t n = 0; n < rows->count; n++)
        count += paper_of(rows, n) != NULL;
    return count;
}

size_t paper_print(FILE *out, const struct rows *rows)
{
    const struct paper *paper;
    size_t count = 0;

    for (size_t n = 0; n < rows->count; n++) {
        if ((paper = paper_of(rows, n)) == NULL)
            continue;
        if (count++ > 0)
            fputc('\f', out);
        print_one(out, rows, n, paper);
    }
    return count;
}
