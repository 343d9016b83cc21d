/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr_texts.h"

#include "enroll/lang.h"

#include <stdio.h>
#include <string.h>

#define LINES_SHOWN 20
#define LINE_OCTETS 16 /* of one line in a list, with what parts it from the next */

/* {column} the column's name in the file, {value} what stands there, {number} and {other} as
 * enroll/hr/hr.h says, {start} the column that the end is compared with. */
static const struct {
    const char *word;
    const char *text;
} faults[HR_FAULT_KINDS] = {
    [HR_F_EMPTY_FILE] = {"empty-file", N_("The file is empty.")},
    [HR_F_NO_ROWS] = {"no-rows", N_("The file has no rows behind the names of the columns.")},
    [HR_F_WORKBOOK] = {"workbook", N_("This is an Excel workbook. Save it as CSV.")},
    [HR_F_UTF16] = {"utf-16", N_("The file is UTF-16. Save it as \"CSV UTF-8\".")},
    [HR_F_NUL] = {"nul",
                  N_("A NUL character: this is no text file, or it is damaged. Reading ended "
                     "here.")},
    [HR_F_FIELD_LONG] = {"field-long", N_("A field has more than {number} octets. Is a quotation "
                                          "mark not closed? Reading ended here.")},
    [HR_F_ROW_LONG] = {"row-long",
                       N_("The row has more than {number} octets. Reading ended here.")},
    [HR_F_COLUMNS_MANY] = {"columns-many",
                           N_("The row has more than {number} columns. Reading ended here.")},
    [HR_F_ROWS_MANY] = {"rows-many",
                        N_("The file has more than {number} rows. Reading ended here.")},
    [HR_F_QUOTE_OPEN] = {"quote-open", N_("The quotation mark of this field is never closed.")},
    [HR_F_QUOTE_STRAY] = {"quote-stray",
                          N_("A quotation mark stands inside of a field. Put the whole field in "
                             "quotation marks and write those inside twice. Reading ended here.")},
    [HR_F_LINE_END] = {"line-end", N_("The line ends with CR alone. Save the file with CRLF or LF. "
                                      "Reading ended here.")},
    [HR_F_COLUMN_MISSING] = {"column-missing",
                             N_("Column {column} is missing. If it has another name, set the name "
                                "in [hr] of toyama.conf.")},
    [HR_F_COLUMN_TWICE] = {"column-twice", N_("Column {column} stands twice.")},
    [HR_F_LINE_END_MIXED] = {"line-end-mixed",
                             N_("The line ends change here: CRLF and LF are mixed. "
                                "Save the file with one of them.")},
    [HR_F_OCTETS] = {"octets",
                     N_("Field {other} does not fit the file's character encoding. If the "
                        "encoding is not the one above, give --encoding.")},
    [HR_F_COLUMN_COUNT] = {"column-count",
                           N_("The row has {number} columns, and there are names of {other}.")},
    [HR_F_MISSING] = {"missing", N_("{column} is empty.")},
    [HR_F_CONTROL] = {"control",
                      N_("{column}: \"{value}\" holds a character that cannot be seen, or "
                         "a line break. Type it anew.")},
    [HR_F_PRIVATE] = {"private",
                      N_("{column}: \"{value}\" holds a character of this computer's own "
                         "(gaiji). Write it with a standard one.")},
    [HR_F_FORMULA] = {"formula",
                      N_("{column}: \"{value}\" begins like a formula of Excel (= + - @). "
                         "Take the sign away; where there is nothing to say, leave the "
                         "field empty.")},
    [HR_F_LONG] = {"long", N_("{column}: \"{value}\" has more than {number} octets of UTF-8.")},
    [HR_F_NUMBER] = {"number", N_("{column}: \"{value}\" is not a staff number: up to 32 letters, "
                                  "digits, - and _.")},
    [HR_F_DIGITS] = {"digits",
                     N_("{column}: \"{value}\" does not have {number} digits. Where Excel "
                        "took leading zeros away, format the column as text and type the "
                        "number anew.")},
    [HR_F_NUMBER_TWICE] = {"number-twice",
                           N_("{column}: \"{value}\" stands in line {number} as well.")},
    [HR_F_SECTION] = {"section",
                      N_("{column}: \"{value}\" is not in the city's list of sections.")},
    [HR_F_CATEGORY] = {"category", N_("{column}: \"{value}\" is not a category. Their words are in "
                                      "[hr] of toyama.conf.")},
    [HR_F_DATE] = {"date", N_("{column}: \"{value}\" is not a date. Write 2027-04-01, 2027/4/1, "
                              "令和9年4月1日 or R9.4.1.")},
    [HR_F_DAY] = {"day", N_("{column}: there is no day \"{value}\", or it is before 1970 or after "
                            "2100.")},
    [HR_F_ERA] = {"era", N_("{column}: \"{value}\" does not lie in that era.")},
    [HR_F_ORDER] = {"order", N_("{column} is before {start}.")},
    [HR_F_ORDER_EFFECTIVE] = {"order-effective", N_("{column} is before {start}.")},
    [HR_F_END_MISSING] = {"end-missing",
                          N_("{column} is empty. Only regular staff may have no end.")},
    [HR_F_LOGIN] = {"login", N_("{column}: \"{value}\" is not a login name: letters, digits, . _ @ "
                                "and -.")},
    [HR_F_LOGIN_TWICE] = {"login-twice",
                          N_("{column}: a login of \"{value}\" stands in line {number} already.")},
    [HR_F_LOGINS_MANY] = {"logins-many", N_("{column}: more than {number} logins.")},
    [HR_F_ZONE] = {"zone",
                   N_("{column}: \"{value}\" does not name zones. Their words are in [hr] of "
                      "toyama.conf.")},
};

const char *hr_fault_word(enum hr_fault_kind kind)
{
    return faults[kind].word;
}

const char *hr_encoding_word(enum hr_encoding encoding)
{
    static const char *const word[] = {"ascii", "utf-8", "cp932"};

    return word[encoding];
}

struct filling {
    const struct hr_format *format;
    const struct hr_fault *fault;
    char digits[16];
};

/* What stands for the `len` octets of a name in braces. */
static const char *filler(struct filling *f, const char *name, size_t len)
{
    const struct hr_fault *fault = f->fault;
    const enum hr_column start = fault->kind == HR_F_ORDER_EFFECTIVE ? HR_C_EFFECTIVE : HR_C_FROM;

    if (strncmp(name, "value", len) == 0)
        return fault->value;
    if (strncmp(name, "column", len) == 0)
        return fault->column < HR_COLUMNS ? f->format->shown[fault->column] : "";
    if (strncmp(name, "start", len) == 0)
        return f->format->shown[start];
    snprintf(f->digits, sizeof(f->digits), "%u",
             strncmp(name, "other", len) == 0 ? fault->other : fault->number);
    return f->digits;
}

void hr_fault_text(const struct hr_format *format, const struct hr_fault *fault,
                   char out[HR_TEXT_MAX])
{
    struct filling f = {.format = format, .fault = fault};
    const char *text = _(faults[fault->kind].text);
    size_t used = 0;

    while (*text != '\0' && used < HR_TEXT_MAX - 1) {
        size_t plain = strcspn(text, "{"), name;
        used += (size_t)snprintf(out + used, HR_TEXT_MAX - used, "%.*s", (int)plain, text);
        text += plain;
        if (*text == '\0' || used >= HR_TEXT_MAX - 1)
            break;
        name = strcspn(++text, "}");
        used += (size_t)snprintf(out + used, HR_TEXT_MAX - used, "%s", filler(&f, text, name));
        text += text[name] == '}' ? name + 1 : name;
    }
}

void hr_lines_format(const uint32_t *line, size_t count, char *out, size_t cap)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t n = 0; n < count && n < LINES_SHOWN && used + LINE_OCTETS < cap; n++)
        used += (size_t)snprintf(out + used, cap - used, "%s%u", n > 0 ? ", " : "", line[n]);
    if (count > LINES_SHOWN)
        snprintf(out + used, cap - used, "%s", lang_now() == LANG_JA ? " …" : " ...");
}

void hr_fault_lines(const struct hr_result *result, char *out, size_t cap)
{
    uint32_t line[LINES_SHOWN + 1];
    size_t count = 0;

    for (size_t n = 0; n < result->kept && count <= LINES_SHOWN; n++) {
        const uint32_t one = result->fault[n].line;
        if (one != 0 && (count == 0 || line[count - 1] != one))
            line[count++] = one;
    }
    hr_lines_format(line, count, out, cap);
}
