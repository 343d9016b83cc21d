/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/token_key.h"

#include "core/wire/wipe.h"

bool token_key_open(struct task *t, const struct roster_record *holder,
                    const struct roster_credential *c, struct shared_yubikey *out)
{
    uint8_t der[SHARED_DER_MAX];
    size_t len = 0;
    int err = registry_secret_get(&t->broker->registry, holder->id, c, &c->key[0], der, sizeof(der),
                                  &len);
    bool good = err == REGISTRY_OK && shared_yubikey_decode(der, len, out);

    wire_wipe(der, sizeof(der));
    if (!good)
        task_done(t, ADMIN_FAILED, NULL, "the sealed key cannot be opened: %s",
                  registry_strerror(err));
    return good;
}

bool token_key_begun(const struct roster_credential *c)
{
    return c->state == ROSTER_SUSPENDED && c->reason == ROSTER_NO_REASON;
}
