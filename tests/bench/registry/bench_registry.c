/* SPDX-License-Identifier: Apache-2.0
 *
 * How a terminal's registry grows: import of a whole roster and of a day's changes, the start of
 * the broker, and what a login reads, at several sizes in one run; and what memory costs here.
 * usage: bench-registry [PEOPLE...]
 */
#include "tests/bench/registry/city.h"
#include "toyamad/registry/import.h"

#include <fcntl.h>
#include <ftw.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEMPLATE_LEN 1900 /* octets: seven samples of 57 minutiae, packed and sealed */
#define LOOKUPS      2000
#define DAY_CHANGES  200 /* one person in so many */

struct sizes {
    char directory[64];
    char path[96];
    struct city city;
    struct registry reg;
};

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Seconds of this process, its system calls included: what another load cannot stretch. */
static double cpu(void)
{
    struct rusage u = {0};

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench-registry: %s: %s\n", what, why);
    exit(1);
}

static double octets_of(const char *path)
{
    struct stat st = {0};

    return stat(path, &st) == 0 ? (double)st.st_size : 0;
}

static long peak_kib(void)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void take_payload(struct sizes *s, const void *at, size_t len)
{
    struct roster_payload payload;
    struct roster_take take;
    int err;

    if ((err = roster_payload_open(at, len, &payload)) != ROSTER_OK ||
        (err = registry_import_check(&s->reg, &payload, NULL, &take)) != ROSTER_OK)
        fail("import", roster_strerror(err));
    if ((err = registry_import_begin(&s->reg, &take)) != REGISTRY_OK ||
        (err = registry_import_write(&s->reg, &payload, &take)) != REGISTRY_OK ||
        (err = registry_commit(&s->reg)) != REGISTRY_OK)
        fail("import", registry_strerror(err));
    registry_import_end(&s->reg, &take);
    registry_import_settle(&s->reg, &take);
    roster_take_free(&take);
}

struct took {
    double wall, cpu; /* seconds */
    double octets;
};

/* Making the payload is not counted. */
static struct took import(struct sizes *s, uint32_t changed)
{
    struct took took;
    FILE *file = tmpfile();
    void *at;
    double begin, busy;

    if (file == NULL || !city_issue(&s->city, changed, file))
        fail("payload", "cannot be written");
    took.octets = (double)ftello(file);
    at = mmap(NULL, (size_t)took.octets, PROT_READ, MAP_PRIVATE, fileno(file), 0);
    if (at == MAP_FAILED)
        fail("payload", "cannot be mapped");
    begin = now();
    busy = cpu();
    take_payload(s, at, (size_t)took.octets);
    took.wall = now() - begin;
    took.cpu = cpu() - busy;
    munmap(at, (size_t)took.octets);
    fclose(file);
    return took;
}

static double reopen(struct sizes *s)
{
    char why[256] = "";
    double begin;

    registry_close(&s->reg);
    begin = now();
    if (registry_open(&s->reg, s->path, &s->city.keys, "individual-number", why, sizeof(why)) !=
        REGISTRY_OK)
        fail("open", why);
    return now() - begin;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What a login reads: the person by the card's hint, once more before the verdict, and counters. */
static double look_up(struct sizes *s)
{
    static double took[LOOKUPS];
    static struct roster_record wanted, found;
    struct counter tally;

    for (uint32_t n = 0; n < LOOKUPS; n++) {
        double begin;
        city_record(&s->city, (uint32_t)((uint64_t)n * 7919 % s->city.people), &wanted);
        begin = now();
        if (registry_by_hint(&s->reg, wanted.credential[n % CITY_CARDS].hint, 16, &found) !=
                REGISTRY_OK ||
            memcmp(found.id, wanted.id, sizeof(found.id)) != 0 ||
            registry_by_id(&s->reg, found.id, &found) != REGISTRY_OK ||
            registry_counter_get(&s->reg, found.id, &tally) != REGISTRY_OK)
            fail("look-up", "not found");
        took[n] = now() - begin;
    }
    qsort(took, LOOKUPS, sizeof(took[0]), compare);
    return took[LOOKUPS / 2];
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void measure(uint32_t people)
{
    static struct sizes s;
    struct took full, day;
    double open;
    uint32_t changed = people / DAY_CHANGES + 1;

    snprintf(s.directory, sizeof(s.directory), "/var/tmp/toyama-bench-XXXXXX");
    if (mkdtemp(s.directory) == NULL || !city_begin(&s.city, people, TEMPLATE_LEN))
        fail("directory", "cannot be made");
    snprintf(s.path, sizeof(s.path), "%s/registry.db", s.directory);
    if (registry_create(s.path, &s.city.keys, "individual-number", 0) != REGISTRY_OK)
        fail("registry", "cannot be made");
    reopen(&s);
    full = import(&s, 0);
    day = import(&s, changed);
    open = reopen(&s);
    printf("| %u | %.2f s, cpu %.2f s, %.0f MB | %u people: %.3f s, cpu %.3f s, %.2f MB | %.3f s | "
           "%.0f us | %.0f MB | %ld MB |\n",
           people, full.wall, full.cpu, full.octets / 1e6, changed, day.wall, day.cpu,
           day.octets / 1e6, open, look_up(&s) * 1e6, octets_of(s.path) / 1e6, peak_kib() / 1024);
    registry_close(&s.reg);
    nftw(s.directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* What memory that nobody had before costs on this machine: a virtual one may have to ask for it.
 */
static void measure_memory(void)
{
    const size_t len = (size_t)1 << 28, page = 4096;
    double busy = cpu();
    volatile char *at = aligned_alloc(page, len);

    if (at == NULL || madvise((void *)at, len, MADV_NOHUGEPAGE) != 0)
        fail("memory", "cannot be had");
    for (size_t n = 0; n < len; n += page)
        at[n] = 1;
    printf("first touch of memory: cpu %.2f s per GB\n", (cpu() - busy) * 1e9 / (double)len);
    free((void *)at);
}

/* Each size in a process of its own, so that memory is its own, too. */
static void measure_apart(uint32_t people)
{
    pid_t pid;
    int status = 0;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        measure(people);
        fflush(stdout);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
        fail("process", "ended badly");
}

int main(int argc, char **argv)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    puts("| people | whole roster | a day's changes | start | a login's reads, median | registry | "
         "memory at most |\n| --- | --- | --- | --- | --- | --- | --- |");
    for (int n = 1; n < argc; n++)
        measure_apart((uint32_t)strtoul(argv[n], NULL, 10));
    if (argc == 1) {
        measure_apart(1000);
        measure_apart(10000);
        measure_apart(100000);
    }
    measure_memory();
    return 0;
}
