/* SPDX-License-Identifier: Apache-2.0
 *
 * What the station reads of its own files, once it is unsealed: the head of a backup and the keys
 * of a zone. The first octet chooses.
 */
#include "toyamad/station/backup_file.h"
#include "toyamad/station/zone_file.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

static void backup(const uint8_t *data, size_t size)
{
    static struct backup_head head;
    static uint8_t again[BACKUP_HEAD_MAX];
    size_t len = 0;

    if (!backup_head_decode(data, size, &head))
        return;
    fuzz_require(backup_head_encode(&head, again, sizeof(again), &len));
    fuzz_require(len == size && memcmp(again, data, len) == 0);
}

static void zone(const uint8_t *data, size_t size)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = {1};
    static const char aad[] = "toyama zone lgwan";
    static struct station_zone z;
    static uint8_t sealed[ZONE_FILE_MAX];
    size_t len = 0;

    if (size > sizeof(sealed) - CRYPTO_SEAL_EXTRA)
        return;
    fuzz_require(crypto_seal(key, aad, sizeof(aad) - 1, data, size, sealed, sizeof(sealed), &len) ==
                 CRYPTO_OK);
    if (zone_file_open(sealed, len, key, "lgwan", &z))
        fuzz_require(z.key_len > 0 && z.cert_len > 0 && z.helpdesks <= ROSTER_HELPDESKS &&
                     z.bit == ROSTER_LGWAN);
}

/* Keys that an issue hands over. */
static void rekey(const uint8_t *data, size_t size)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = {1};
    static const char aad[] = "toyama zone keys lgwan 7";
    static struct roster_issue issue = {.zone = "lgwan", .number = 7};
    struct roster_rekey keys, again;

    if (size > sizeof(issue.keys) - CRYPTO_SEAL_EXTRA)
        return;
    fuzz_require(crypto_seal(key, aad, sizeof(aad) - 1, data, size, issue.keys, sizeof(issue.keys),
                             &issue.keys_len) == CRYPTO_OK);
    if (roster_rekey_open(&issue, key, &keys) != ROSTER_OK)
        return;
    fuzz_require(roster_rekey_seal(&keys, key, &issue) == ROSTER_OK &&
                 issue.keys_len == size + CRYPTO_SEAL_EXTRA &&
                 roster_rekey_open(&issue, key, &again) == ROSTER_OK &&
                 memcmp(&keys, &again, sizeof(keys)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 0)
        backup(data + 1, size - 1);
    else if (size > 0 && data[0] == 2)
        rekey(data + 1, size - 1);
    else if (size > 0)
        zone(data + 1, size - 1);
    return 0;
}
