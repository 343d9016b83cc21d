/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills the store of a host that does not run with COUNT people of one finger each: fill-registry
 * STATE ZONE FILE COUNT. FILE holds templates of right index fingers, each behind its length in
 * four octets (big-endian); they are used again and again, under ids of their own.
 */
#include "toyamad/audit/audit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEMPLATE_MAX 49152
#define RIGHT_INDEX  2

struct source {
    FILE *file;
    uint8_t octets[TEMPLATE_MAX];
    size_t len;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "fill-registry: %s: %s\n", what, why);
    exit(1);
}

static void read_template(struct source *source)
{
    uint32_t len = 0;

    if (fread(&len, sizeof(len), 1, source->file) != 1) {
        rewind(source->file);
        if (fread(&len, sizeof(len), 1, source->file) != 1)
            fail("templates", "there are none");
    }
    source->len = ntohl(len);
    if (source->len > sizeof(source->octets) ||
        fread(source->octets, 1, source->len, source->file) != source->len)
        fail("templates", "cut off");
}

static void add_finger(struct registry *reg, struct roster_record *r, struct source *source)
{
    struct roster_finger *f = &r->finger[r->fingers];

    *f = (struct roster_finger){.finger = RIGHT_INDEX,
                                .enrolled = 1,
                                .driver = "virtual_image",
                                .device = "0",
                                .samples = 7};
    read_template(source);
    if (crypto_random(f->id, sizeof(f->id)) != CRYPTO_OK ||
        registry_template_put(reg, r->id, f, source->octets, source->len) != REGISTRY_OK)
        fail("template", "cannot be stored");
    r->fingers++;
}

static void add_person(struct registry *reg, unsigned long number, struct source *source)
{
    struct roster_record r = {.category = ROSTER_REGULAR, .state = ROSTER_ACTIVE, .valid_from = 1};
    struct registry_change change;
    int err;

    snprintf(r.number, sizeof(r.number), "B%06lu", number);
    snprintf(r.name, sizeof(r.name), "Name of %lu", number);
    if (crypto_random(r.id, sizeof(r.id)) != CRYPTO_OK || registry_begin(reg) != REGISTRY_OK)
        fail("person", "cannot begin");
    add_finger(reg, &r, source);
    if ((err = registry_put(reg, &r, 2000, &change)) != REGISTRY_OK ||
        (err = registry_commit(reg)) != REGISTRY_OK)
        fail("person", registry_strerror(err));
    registry_settle(reg, &change);
    registry_drop(&change);
}

/* The signed head of the log names the issue. */
static void record(struct audit *audit)
{
    struct chain_event event = {.kind = "filled"};

    if (audit_write(audit, &event, time(NULL)) != REGISTRY_OK)
        fail("log", "cannot be written");
    audit_close(audit);
}

int main(int argc, char **argv)
{
    static struct registry reg;
    static struct keys keys;
    static struct source source;
    static struct audit audit;
    char path[4096], why[256] = "";
    unsigned long count;

    if (argc != 5) {
        fprintf(stderr, "usage: fill-registry STATE ZONE FILE COUNT\n");
        return 2;
    }
    count = strtoul(argv[4], NULL, 10);
    snprintf(path, sizeof(path), "%s/registry.db", argv[1]);
    source.file = fopen(argv[3], "rb");
    if (source.file == NULL)
        fail(argv[3], "cannot be opened");
    if (!keys_load(&keys, REGISTER_OWN, argv[1], why, sizeof(why)) ||
        registry_open(&reg, path, &keys, argv[2], why, sizeof(why)) != REGISTRY_OK ||
        audit_open(&audit, &reg, argv[1], "test-01", why, sizeof(why)) != REGISTRY_OK)
        fail(argv[1], why);
    sqlite3_exec(reg.db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    for (unsigned long n = 0; n < count; n++)
        add_person(&reg, n, &source);
    record(&audit);
    registry_close(&reg);
    fclose(source.file);
    return 0;
}
