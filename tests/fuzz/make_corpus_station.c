/* SPDX-License-Identifier: Apache-2.0
 *
 * First inputs of the readers of an enrolment station.
 */
#include <stdio.h>

#include "toyamad/station/backup_file.h"
#include "toyamad/station/zone_file.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"

static void save_backup(void)
{
    static struct backup_head head = {.key = {1}, .files = 2};
    static uint8_t buf[BACKUP_HEAD_MAX + 1];
    size_t len = 0;

    snprintf(head.file[0].name, sizeof(head.file[0].name), "seal.key");
    snprintf(head.file[1].name, sizeof(head.file[1].name), "zones/lgwan.key");
    head.file[0].len = CRYPTO_KEY_LEN;
    head.file[1].len = 1;
    fuzz_require(backup_head_encode(&head, buf + 1, sizeof(buf) - 1, &len));
    corpus_save("station", "backup", buf, len + 1);
}

static void save_zone(void)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = {1};
    static const char aad[] = "toyama zone lgwan";
    static struct station_zone zone = {
        .name = "lgwan", .key_len = 3, .cert_len = 2, .helpdesks = 1};
    static uint8_t sealed[ZONE_FILE_MAX], buf[ZONE_FILE_MAX + 1] = {1};
    size_t len = 0, plain = 0;

    zone.next = (struct roster_rekey){.key_len = 3, .cert_len = 2};
    zone.old = zone.next;
    snprintf(zone.anchor.issue.zone, sizeof(zone.anchor.issue.zone), "lgwan");
    snprintf(zone.helpdesk[0].host, sizeof(zone.helpdesk[0].host), "desk-01");
    fuzz_require(zone_file_seal(&zone, key, sealed, sizeof(sealed), &len) &&
                 crypto_unseal(key, aad, sizeof(aad) - 1, sealed, len, buf + 1, sizeof(buf) - 1,
                               &plain) == CRYPTO_OK);
    corpus_save("station", "zone", buf, plain + 1);
}

static void save_rekey(void)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = {1};
    static const char aad[] = "toyama zone keys lgwan 7";
    static const struct roster_rekey keys = {.key_len = 3, .cert_len = 2};
    static struct roster_issue issue = {.zone = "lgwan", .number = 7};
    static uint8_t buf[ROSTER_ISSUE_KEYS_MAX + 1] = {2};
    size_t plain = 0;

    fuzz_require(roster_rekey_seal(&keys, key, &issue) == ROSTER_OK &&
                 crypto_unseal(key, aad, sizeof(aad) - 1, issue.keys, issue.keys_len, buf + 1,
                               sizeof(buf) - 1, &plain) == CRYPTO_OK);
    corpus_save("station", "rekey", buf, plain + 1);
}

void corpus_station(void)
{
    save_rekey();
    save_backup();
    save_zone();
}
