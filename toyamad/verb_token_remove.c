/* SPDX-License-Identifier: Apache-2.0
 *
 * yubikey remove.
 */
#include "toyamad/enrol.h"
#include "toyamad/names.h"
#include "toyamad/token_key.h"

#include "core/wire/wipe.h"

#include <string.h>

static void show_code(struct task *t, const struct shared_yubikey *key)
{
    struct admin_pairs row = {0};
    char code[2 * SHARED_CODE_LEN + 1];

    names_hex(key->code, SHARED_CODE_LEN, code);
    admin_pair_add(&row, "code", code);
    if (key->has_before) {
        names_hex(key->before, SHARED_CODE_LEN, code);
        admin_pair_add(&row, "or", code);
    }
    task_row(t, &row);
    wire_wipe(code, sizeof(code));
    wire_wipe(&row, sizeof(row));
}

static void hand_out(struct task *t, const struct shared_yubikey *key, size_t n)
{
    show_code(t, key);
    if (enrol_drop(t, n, "token-removed"))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* The one key that is meant; ends the call where it is none or not one. */
static bool choose(struct task *t, const char *prefix, size_t *out)
{
    size_t found = 0;

    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        char id[2 * ROSTER_ID_LEN + 1];
        names_hex(c->id, ROSTER_ID_LEN, id);
        if (c->family != CARD_YUBIKEY || strncmp(id, prefix, strlen(prefix)) != 0)
            continue;
        *out = n;
        found++;
    }
    if (found == 0)
        task_done(t, ADMIN_NOT_FOUND, NULL, "no key of this person fits");
    else if (found > 1)
        task_done(t, ADMIN_USAGE, NULL, "several keys fit: give the start of the id");
    return found == 1;
}

/* Hands out the key's access code and forgets the key, in this order: without the code nobody could
 * use the slot again. */
void yubikey_remove(struct task *t)
{
    struct shared_yubikey key = {0};
    size_t n;

    if (task_find_person(t) && choose(t, task_get(t, "card"), &n) &&
        token_key_open(t, &t->person, &t->person.credential[n], &key))
        hand_out(t, &key, n);
    wire_wipe(&key, sizeof(key));
}
