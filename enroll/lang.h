/* SPDX-License-Identifier: Apache-2.0
 *
 * The language of this run and the program's own texts. One process speaks one language; it is
 * chosen once, before anything is printed.
 */
#ifndef TOYAMA_ENROLL_LANG_H
#define TOYAMA_ENROLL_LANG_H

#include <stdbool.h>

enum lang { LANG_EN, LANG_JA };

/* ja where the caller's locale is Japanese in UTF-8 and the terminal can draw it, else en. */
enum lang lang_default(void);
/* False unless `name` is ja or en. */
bool lang_parse(const char *name, enum lang *out);
/* `localedir` holds ja/LC_MESSAGES/toyama.mo. */
void lang_choose(enum lang lang, const char *localedir);
enum lang lang_now(void);
const char *lang_name(void); /* "ja" or "en" */
/* The text in the chosen language; the English one where there is no translation. */
const char *lang_text(const char *msgid) __attribute__((format_arg(1)));

#define _(text)  lang_text(text)
#define N_(text) text

#endif
