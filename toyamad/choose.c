/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/choose.h"

#include "toyamad/names.h"

#include <string.h>

bool choose_means(const struct roster_credential *c, const char *key)
{
    char id[2 * ROSTER_ID_LEN + 1];

    names_hex(c->id, ROSTER_ID_LEN, id);
    return strncmp(id, key, strlen(key)) == 0 || strcmp(c->label, key) == 0;
}

static bool is_meant(const struct roster_credential *c, const char *key)
{
    return (prove_factor(c->family) & FACTOR_POSSESSION) != 0 && choose_means(c, key);
}

struct roster_credential *choose_card(struct task *t, const char *key, const struct choice *choice)
{
    struct roster_credential *found = NULL;
    size_t meant = 0;

    for (size_t n = 0; n < t->person.credentials; n++) {
        struct roster_credential *c = &t->person.credential[n];
        if (!is_meant(c, key))
            continue;
        meant++;
        if (choice->fits(c) && found != NULL) {
            task_done(t, ADMIN_USAGE, NULL,
                      "several cards fit: give the start of the id, or the label");
            return NULL;
        }
        if (choice->fits(c))
            found = c;
    }
    if (meant == 0)
        task_done(t, ADMIN_NOT_FOUND, NULL, "%s has no such card", t->person.number);
    else if (found == NULL)
        task_done(t, ADMIN_REFUSED, choice->msg, "%s", choice->why);
    return found;
}
