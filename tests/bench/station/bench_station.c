/* SPDX-License-Identifier: Apache-2.0
 *
 * How an enrolment station grows: the first issues and a day's issues of three zones, the roster
 * files, and what a terminal takes to open them. Seconds of processor time. usage: bench-station
 * [PEOPLE...]
 */
#include "core/wire/card.h"
#include "tests/bench/registry/city.h"
#include "toyamad/audit/audit.h"
#include "toyamad/intake.h"
#include "toyamad/registry/batch.h"
#include "toyamad/sealed.h"
#include "toyamad/station/export.h"
#include "toyamad/station/plan.h"

#include <ftw.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEMPLATE_LEN 1900 /* octets: seven samples of 57 minutiae, packed and sealed */
#define DAY_CHANGES  200  /* one person in so many */
#define BATCH        5000
#define BEGIN        1775000000

static const char *const zones[] = {"individual-number", "lgwan", "internet"};

struct bench {
    char directory[64];
    char path[96];
    struct city city;
    struct keys keys;
    struct registry reg;
    struct audit audit;
    struct station station;
    struct station_plan *plan;
    uint8_t card[KEYS_PKCS8_MAX], spki[CRYPTO_SPKI_MAX]; /* the approver's */
    size_t card_len, spki_len;
};

static double cpu(void)
{
    struct rusage u = {0};

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void need(bool good, const struct bench *b, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench-station: %s: %s\n", what, b->station.why);
    exit(1);
}

static void make_record(struct bench *b, uint32_t n, struct roster_record *r)
{
    static uint8_t template[TEMPLATE_LEN];

    city_record(&b->city, n, r);
    r->zones = ROSTER_ZONES_ALL;
    for (size_t f = 0; f < r->fingers; f++) {
        if (b->city.today == 0)
            need(registry_template_put(&b->reg, r->id, &r->finger[f], template, sizeof(template)) ==
                     REGISTRY_OK,
                 b, "template");
    }
}

static void put(struct bench *b, uint32_t from, uint32_t to)
{
    static struct roster_record r, old;
    struct registry_batch batch;

    need(registry_begin(&b->reg) == REGISTRY_OK &&
             registry_batch_begin(&b->reg, &batch) == REGISTRY_OK,
         b, "begin");
    for (uint32_t n = from; n < to; n++) {
        make_record(b, n, &r);
        if (b->city.today > 0) {
            need(registry_by_id(&b->reg, r.id, &old) == REGISTRY_OK, b, "read");
            memcpy(r.finger, old.finger, sizeof(r.finger));
        }
        need(registry_batch_put(&batch, &r) == REGISTRY_OK, b, "put");
    }
    registry_by(&b->reg, (const uint8_t[ROSTER_ID_LEN]){1});
    need(registry_batch_issue(&batch, ++b->station.now) == REGISTRY_OK &&
             registry_commit(&b->reg) == REGISTRY_OK,
         b, "commit");
    registry_settle(&b->reg, &batch.change);
    registry_batch_end(&batch);
}

/* The approver is one of them. */
static void put_approver(struct bench *b)
{
    struct roster_record r = {
        .id = {2},
        .number = "approver",
        .name = "Approver",
        .category = ROSTER_REGULAR,
        .state = ROSTER_ACTIVE,
        .zones = ROSTER_INTERNET,
        .roles = ROSTER_APPROVER,
        .valid_from = BEGIN,
        .credentials = 1,
        .credential[0] = {
            .id = {2}, .family = CARD_PIV, .state = ROSTER_ACTIVE, .pin_ref = 0x80, .keys = 1}};
    struct registry_change change;

    r.credential[0].key[0] = (struct roster_key){.ref = 0x9C, .pin = true, .len = b->spki_len};
    memcpy(r.credential[0].key[0].spki, b->spki, b->spki_len);
    need(registry_begin(&b->reg) == REGISTRY_OK &&
             registry_put(&b->reg, &r, b->station.now, &change) == REGISTRY_OK &&
             registry_commit(&b->reg) == REGISTRY_OK,
         b, "approver");
    registry_settle(&b->reg, &change);
}

static void open_station(struct bench *b)
{
    char why[256] = "";

    snprintf(b->directory, sizeof(b->directory), "/tmp/toyama-bench-XXXXXX");
    need(mkdtemp(b->directory) != NULL, b, "folder");
    snprintf(b->path, sizeof(b->path), "%s/registry.db", b->directory);
    need(keys_create(b->directory, why, sizeof(why)) &&
             keys_load(&b->keys, REGISTER_STATION, b->directory, why, sizeof(why)) &&
             registry_create(b->path, &b->keys, "internet", BEGIN) == REGISTRY_OK &&
             registry_open(&b->reg, b->path, &b->keys, "internet", why, sizeof(why)) ==
                 REGISTRY_OK &&
             audit_open(&b->audit, &b->reg, b->directory, "bench", why, sizeof(why)) == REGISTRY_OK,
         b, why);
    b->station = (struct station){.reg = &b->reg,
                                  .audit = &b->audit,
                                  .keys = &b->keys,
                                  .state = b->directory,
                                  .finger_zones = ROSTER_INDIVIDUAL_NUMBER,
                                  .now = BEGIN + 1};
}

static void make_zones(struct bench *b)
{
    struct roster_officer officer = {
        .person = {2}, .roles = ROSTER_APPROVER, .key_len = CRYPTO_SHA256_LEN};
    struct station_zone zone;

    crypto_p256_generate(b->card, sizeof(b->card), &b->card_len, b->spki, sizeof(b->spki),
                         &b->spki_len);
    crypto_spki_hash(b->spki, b->spki_len, officer.key);
    for (size_t n = 0; n < STATION_ZONES; n++)
        need(zone_make(&b->station, zones[n], &officer, 1, &zone) == REGISTRY_OK &&
                 zone_create(&b->station, &zone) == REGISTRY_OK,
             b, "zone");
}

static void sign(struct bench *b)
{
    static struct plan_approval a;

    a.signatures = 0;
    memcpy(a.spki, b->spki, b->spki_len);
    a.spki_len = b->spki_len;
    for (size_t n = 0; n < b->plan->zones; n++) {
        const struct roster_signed *s = &b->plan->next[n].done;
        if (!b->plan->next[n].due)
            continue;
        crypto_p256_sign_message(b->card, b->card_len, s->der, s->der_len,
                                 a.signature[a.signatures].sig, sizeof(a.signature[0].sig),
                                 &a.signature[a.signatures].len);
        a.signatures++;
    }
    need(plan_sign(&b->station, b->plan, &a) == REGISTRY_OK, b, "sign");
}

static long peak_mib(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static void approve(struct bench *b, const char *what)
{
    struct chain_event event = {.kind = "issue-approved"};
    uint8_t token[CRYPTO_SHA256_LEN];
    double t[4] = {cpu()};

    need(plan_make(&b->station, false, NULL, NULL, b->plan) == REGISTRY_OK, b, "preview");
    memcpy(token, b->plan->token, sizeof(token));
    t[1] = cpu();
    need(plan_stage(&b->station, false, token, b->plan) == REGISTRY_OK, b, "stage");
    t[2] = cpu();
    sign(b);
    need(plan_commit(&b->station, b->plan, &event) == REGISTRY_OK, b, "commit");
    t[3] = cpu();
    b->station.now++;
    printf("  %-6s preview %6.2f s  stage %6.2f s  commit %6.2f s\n", what, t[1] - t[0],
           t[2] - t[1], t[3] - t[2]);
}

static uint64_t decode_all(const struct bench *b, struct roster_payload payload)
{
    static struct roster_record r;
    const uint8_t *der;
    uint64_t count = 0;
    size_t len;

    while (roster_payload_octets(&payload.part[ROSTER_PART_RECORDS], &der, &len) == 1) {
        need(roster_record_decode(der, len, &r) == ROSTER_OK, b, "decode");
        count++;
    }
    return count;
}

/* What a terminal of the zone does with the file before it judges it: the hash, which is a part of
 * the opening; the opening, which decrypts, verifies and maps; the records. */
static void open_file(struct bench *b, const char *zone, int fd, size_t head)
{
    static struct broker host;
    static struct station_zone z;
    static struct intake in;
    uint8_t hash[CRYPTO_SHA256_LEN];
    double t[4] = {cpu()};
    uint64_t count;

    need(zone_load(&b->station, zone, &z) == REGISTRY_OK, b, "zone");
    snprintf(host.registry.zone, sizeof(host.registry.zone), "%s", zone);
    memcpy(host.keys.anchor.key, z.key, z.key_len);
    host.keys.anchor.key_len = z.key_len;
    t[0] = cpu();
    need(sealed_hash(fd, head, hash) == CRYPTO_OK, b, "hash");
    t[1] = cpu();
    need(intake_open(&in, &host, fd) == INTAKE_OK, b, in.why);
    t[2] = cpu();
    count = decode_all(b, in.payload);
    t[3] = cpu();
    printf("  open   %-18s hash %7.3f s  all %7.3f s  records %7.3f s (%llu)  peak %ld MiB\n", zone,
           t[1] - t[0], t[2] - t[1], t[3] - t[2], (unsigned long long)count, peak_mib());
    intake_close(&in);
}

/* In a process of its own: the station's memory is measured, too. */
static void open_apart(struct bench *b, const char *zone, int fd)
{
    char text[ROSTER_FILE_HEAD_MAX];
    struct roster_file file;
    size_t head = 0;
    ssize_t n = pread(fd, text, sizeof(text), 0);
    int status = 1;
    pid_t pid;

    need(n > 0 && roster_file_parse(text, (size_t)n, &file, &head) == ROSTER_OK, b, "head");
    fflush(stdout);
    if ((pid = fork()) == 0) {
        open_file(b, zone, fd, head);
        exit(0);
    }
    need(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, b, "open");
}

static void export_all(struct bench *b, uint64_t base)
{
    for (size_t n = 0; n < STATION_ZONES; n++) {
        FILE *file = tmpfile();
        struct station_export what = {
            .zone = zones[n], .media = "", .base = base, .fd = fileno(file)};
        struct station_exported done;
        double begin = cpu();
        need(export_write(&b->station, &what, &done) == REGISTRY_OK, b, "export");
        printf("  export %-18s base %llu %6.2f s  %7.1f MB  %llu records\n", zones[n],
               (unsigned long long)base, cpu() - begin, (double)done.octets / 1e6,
               (unsigned long long)done.records);
        open_apart(b, zones[n], fileno(file));
        fclose(file);
    }
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void run(uint32_t people)
{
    static struct bench b;
    double begin = cpu();

    b = (struct bench){.city = {.people = people, .template_len = TEMPLATE_LEN}};
    b.plan = calloc(1, sizeof(*b.plan));
    open_station(&b);
    make_zones(&b);
    put_approver(&b);
    for (uint32_t n = 0; n < people; n += BATCH)
        put(&b, n, n + BATCH < people ? n + BATCH : people);
    printf("%u people (registered in %.1f s)\n", people, cpu() - begin);
    approve(&b, "first");
    export_all(&b, 0);
    b.city.today = people / DAY_CHANGES > 0 ? people / DAY_CHANGES : 1;
    put(&b, 0, b.city.today);
    approve(&b, "a day");
    export_all(&b, 1);
    printf("  peak memory %ld MiB\n", peak_mib());
    registry_close(&b.reg);
    audit_close(&b.audit);
    free(b.plan);
    nftw(b.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (geteuid() != 0)
        return fputs("bench-station: must be run by root\n", stderr), 1;
    if (argc < 2)
        run(1000);
    for (int n = 1; n < argc; n++)
        run((uint32_t)strtoul(argv[n], NULL, 10));
    return 0;
}
