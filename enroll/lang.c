/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/lang.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DOMAIN "toyama"

static enum lang chosen = LANG_EN;

static const char *locale_name(void)
{
    static const char *const variable[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t n = 0; n < sizeof(variable) / sizeof(variable[0]); n++) {
        const char *value = getenv(variable[n]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return NULL;
}

/* The kernel's own console has no Japanese font. */
static bool terminal_is_bare(void)
{
    char name[64] = "";

    if (ttyname_r(STDERR_FILENO, name, sizeof(name)) != 0)
        return false;
    return strncmp(name, "/dev/tty", 8) == 0 && name[8] >= '0' && name[8] <= '9';
}

enum lang lang_default(void)
{
    const char *name = locale_name();
    const char *charset = name != NULL ? strchr(name, '.') : NULL;

    if (charset == NULL || strncmp(name, "ja", 2) != 0 || terminal_is_bare())
        return LANG_EN;
    if (strncasecmp(charset, ".utf-8", 6) != 0 && strncasecmp(charset, ".utf8", 5) != 0)
        return LANG_EN;
    return LANG_JA;
}

bool lang_parse(const char *name, enum lang *out)
{
    if (strcmp(name, "ja") == 0)
        *out = LANG_JA;
    else if (strcmp(name, "en") == 0)
        *out = LANG_EN;
    else
        return false;
    return true;
}

/* C.UTF-8 is always there, unlike ja_JP.UTF-8; LANGUAGE picks the catalogue inside it. */
void lang_choose(enum lang lang, const char *localedir)
{
    chosen = lang;
    setlocale(LC_ALL, "C.UTF-8");
    setenv("LANGUAGE", lang_name(), 1);
    bindtextdomain(DOMAIN, localedir);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
}

enum lang lang_now(void)
{
    return chosen;
}

const char *lang_name(void)
{
    return chosen == LANG_JA ? "ja" : "en";
}

const char *lang_text(const char *msgid)
{
    return chosen == LANG_JA ? dgettext(DOMAIN, msgid) : msgid;
}
