/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the protocol and their names in the language of this run: fingers, categories, zones,
 * factors, states, keys of rows.
 */
#ifndef TOYAMA_ENROLL_NAMES_H
#define TOYAMA_ENROLL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define NAMES_FINGERS 10

/* Row n is finger n + 1 of ISO/IEC 19794-2. */
extern const char *const names_finger[NAMES_FINGERS];
extern const char *const names_category[];
extern const size_t names_categories;

bool names_is_finger(const char *word);
bool names_is_category(const char *word);
bool names_is_role(const char *word);
/* "  right-thumb      right thumb" a line, for help. */
void names_list_fingers(void);
void names_list_categories(void);
void names_list_roles(void);
/* Words that the city uses for its roles, where its config has some; `text` lives on. */
void names_call_role(const char *word, const char *text);

/* The name of a zone, finger, category, state ...; the word itself where it has none. */
const char *names_word(const char *word);
/* The label of a row's key; the key itself where it has none. */
const char *names_label(const char *key);
/* The value of a row's key for people: words named, times local, an empty value "-". */
void names_value(const char *key, const char *value, char *out, size_t cap);

#endif
