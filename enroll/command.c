/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/command_group.h"
#include "enroll/names.h"

#include <stdio.h>
#include <string.h>

/* The order of the help. */
static const struct command_group *const groups[] = {
    &command_host,  &command_operator, &command_person, &command_outside, &command_card,
    &command_stock, &command_station,  &command_hr,     &command_amend,   &command_roster,
};

const struct command *command_at(size_t n)
{
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        if (n < groups[g]->rows)
            return &groups[g]->row[n];
        n -= groups[g]->rows;
    }
    return NULL;
}

bool command_has_noun(const char *noun)
{
    const struct command *c;

    for (size_t n = 0; (c = command_at(n)) != NULL; n++)
        if (strcmp(c->noun, noun) == 0)
            return true;
    return false;
}

bool command_is_whole(const char *noun)
{
    return command_find(noun, NULL) != NULL;
}

const struct command *command_find(const char *noun, const char *action)
{
    const struct command *c;

    for (size_t n = 0; (c = command_at(n)) != NULL; n++) {
        if (strcmp(c->noun, noun) != 0 || (c->action == NULL) != (action == NULL))
            continue;
        if (action == NULL || strcmp(c->action, action) == 0)
            return c;
    }
    return NULL;
}

bool command_is_positional(const struct parameter *p)
{
    return p->name[0] != '-';
}

static bool is_number(const char *value)
{
    size_t digits = strspn(value, "0123456789");

    return digits > 0 && digits <= 9 && value[digits] == '\0';
}

/* `count` digits at `text`, which holds at least as many octets; -1 for anything else. */
static int digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t n = 0; n < count; n++) {
        if (text[n] < '0' || text[n] > '9')
            return -1;
        value = value * 10 + (text[n] - '0');
    }
    return value;
}

static bool is_date(const char *value)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;

    if (strlen(value) != 10 || value[4] != '-' || value[7] != '-')
        return false;
    year = digits(value, 4);
    month = digits(value + 5, 2);
    day = digits(value + 8, 2);
    if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day != 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool is_moment(const char *value)
{
    char day[11] = "";
    int hour, minute;

    if (strlen(value) != 16 || value[10] != 'T' || value[13] != ':')
        return false;
    memcpy(day, value, 10);
    hour = digits(value + 11, 2);
    minute = digits(value + 14, 2);
    return is_date(day) && hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

bool command_value_fits(enum value_kind kind, const char *value)
{
    switch (kind) {
    case VALUE_NUMBER:
        return is_number(value);
    case VALUE_DATE:
        return is_date(value);
    case VALUE_DATE_OR_NONE:
        return is_date(value) || strcmp(value, "none") == 0;
    case VALUE_MOMENT:
        return is_date(value) || is_moment(value);
    case VALUE_YESNO:
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    case VALUE_FINGER:
        return names_is_finger(value);
    case VALUE_FINGER_OR_ALL:
        return names_is_finger(value) || strcmp(value, "all") == 0;
    case VALUE_CATEGORY:
        return names_is_category(value);
    case VALUE_ROLE:
        return names_is_role(value);
    case VALUE_TEXT:
    case VALUE_TEXT_OR_NONE:
    case VALUE_FLAG:
    case VALUE_FILE_IN:
    case VALUE_FILE_OUT:
    case VALUE_FOLDER:
        break;
    }
    return value[0] != '\0';
}

void command_name(const struct command *c, char *out, size_t cap)
{
    snprintf(out, cap, "%s%s%s", c->noun, c->action != NULL ? " " : "",
             c->action != NULL ? c->action : "");
}
