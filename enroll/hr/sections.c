/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of the city's sections.
 */
#include "enroll/hr/format.h"

#include "core/wire/tlv.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_OCTETS 256 /* room for a section, blanks and the line end */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char mark[] = "\xEF\xBB\xBF"; /* of byte order; Windows writes it */

/* Blanks at both ends and the line end taken off. */
static char *trim(char *line)
{
    size_t len;

    line += strspn(line, " \t");
    len = strlen(line);
    while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
        line[--len] = '\0';
    return line;
}

static bool is_text(const char *section)
{
    const struct tlv t = {.val = (const uint8_t *)section, .len = strlen(section)};
    char checked[ROSTER_TEXT_MAX];

    return tlv_text(&t, checked, sizeof(checked)) == WIRE_OK;
}

static bool add(struct hr_format *f, const char *section)
{
    char **grown;

    if (f->sections == HR_SECTIONS_MAX)
        return false;
    grown = realloc(f->section, (f->sections + 1) * sizeof(*grown));
    if (grown == NULL)
        return false;
    f->section = grown;
    if ((f->section[f->sections] = strdup(section)) == NULL)
        return false;
    f->sections++;
    return true;
}

static bool refuse(unsigned line, const char *what, char *why, size_t cap)
{
    snprintf(why, cap, "line %u: %s", line, what);
    return false;
}

bool hr_format_sections(struct hr_format *format, FILE *in, char *why, size_t cap)
{
    char line[LINE_MAX_OCTETS];

    for (unsigned n = 1; fgets(line, sizeof(line), in) != NULL; n++) {
        const bool whole = strchr(line, '\n') != NULL || feof(in) != 0;
        const bool marked = n == 1 && strncmp(line, mark, strlen(mark)) == 0;
        const char *section = trim(line + (marked ? strlen(mark) : 0));
        if (!whole || !is_text(section))
            return refuse(n, "not a section's name: at most 127 octets of UTF-8", why, cap);
        if (section[0] != '\0' && !add(format, section))
            return refuse(n, "more than 4096 sections, or out of memory", why, cap);
    }
    if (ferror(in) != 0 || format->sections == 0)
        return refuse(1, "no section can be read", why, cap);
    qsort(format->section, format->sections, sizeof(*format->section), compare);
    return true;
}

bool hr_format_has_section(const struct hr_format *format, const char *section)
{
    return format->sections == 0 || bsearch(&section, format->section, format->sections,
                                            sizeof(*format->section), compare) != NULL;
}

void hr_format_free(struct hr_format *format)
{
    for (size_t n = 0; n < format->sections; n++)
        free(format->section[n]);
    free(format->section);
    format->section = NULL;
    format->sections = 0;
}
