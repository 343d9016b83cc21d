/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW INT64_C(1775000000)

struct party {
    uint8_t key[256], spki[CRYPTO_SPKI_MAX], cert[CMS_CERT_MAX], hash[CRYPTO_SHA256_LEN];
    size_t keylen, spkilen, certlen;
};

static struct party zone, authority;

static void make_party(struct party *p, bool recipient)
{
    assert_int_equal(crypto_p256_generate(p->key, sizeof(p->key), &p->keylen, p->spki,
                                          sizeof(p->spki), &p->spkilen),
                     CRYPTO_OK);
    assert_int_equal(crypto_self_cert(p->key, p->keylen, "test", recipient, NOW, p->cert,
                                      sizeof(p->cert), &p->certlen),
                     CRYPTO_OK);
    assert_int_equal(crypto_spki_hash(p->spki, p->spkilen, p->hash), CRYPTO_OK);
}

static int setup(void **state)
{
    (void)state;
    make_party(&zone, true);
    make_party(&authority, false);
    return 0;
}

static int memory_file(const char *text)
{
    int fd = memfd_create("sealed", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static int seal(int content, int out)
{
    const struct cms_signer signer = {.key = authority.key,
                                      .keylen = authority.keylen,
                                      .cert = authority.cert,
                                      .certlen = authority.certlen,
                                      .time = NOW};

    return sealed_write(content, &signer, zone.spki, zone.spkilen, out);
}

static off_t size_of(int fd)
{
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    return st.st_size;
}

static int open_file(int file, uint64_t offset, int temp, struct cms_content *out)
{
    return sealed_open(file, offset, zone.key, zone.keylen, authority.hash, temp, out);
}

/* Text in front of the file, as a roster file has it. */
static void test_behind_a_header(void **state)
{
    int content = memory_file("content"), file = memory_file("header\n\n"), temp = memory_file("");
    struct cms_content found;
    char text[8] = "";

    (void)state;
    assert_int_equal(seal(content, file), CRYPTO_OK);
    assert_int_equal(open_file(file, 8, temp, &found), CRYPTO_OK);
    assert_int_equal(found.len, 7);
    assert_int_equal(pread(temp, text, 7, (off_t)found.offset), 7);
    assert_string_equal(text, "content");
    close(content);
    close(file);
    close(temp);
}

static void test_nothing_stays_behind(void **state)
{
    int content = memory_file("content"), file = memory_file(""), temp = memory_file("");
    struct cms_content found = {.len = 4711};
    uint8_t octet;

    (void)state;
    assert_int_equal(seal(content, file), CRYPTO_OK);
    /* The last octet of the tag: everything was decrypted by then. */
    assert_int_equal(pread(file, &octet, 1, size_of(file) - 1), 1);
    octet ^= 1;
    assert_int_equal(pwrite(file, &octet, 1, size_of(file) - 1), 1);
    assert_int_equal(open_file(file, 0, temp, &found), CRYPTO_BAD_SEAL);
    assert_int_equal(size_of(temp), 0);
    octet ^= 1;
    assert_int_equal(pwrite(file, &octet, 1, size_of(file) - 1), 1);
    assert_int_equal(sealed_open(file, 0, zone.key, zone.keylen, zone.hash, temp, &found),
                     CRYPTO_OTHER_SIGNER);
    assert_int_equal(size_of(temp), 0);
    assert_int_equal(open_file(file, 1, temp, &found), CRYPTO_FORMAT);
    assert_int_equal(found.len, 4711);
    /* The same descriptor can be used again. */
    assert_int_equal(open_file(file, 0, temp, &found), CRYPTO_OK);
    assert_int_equal(found.len, 7);
    close(content);
    close(file);
    close(temp);
}

static void test_other_descriptors(void **state)
{
    int content = memory_file("content"), file = memory_file(""), temp = memory_file("");
    int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct cms_content found;

    (void)state;
    assert_true(full >= 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(seal(ends[0], file), CRYPTO_IO);
    assert_int_equal(seal(-1, file), CRYPTO_IO);
    assert_int_equal(seal(content, full), CRYPTO_IO);
    assert_int_equal(size_of(file), 0);
    assert_int_equal(seal(content, file), CRYPTO_OK);
    assert_int_equal(open_file(ends[0], 0, temp, &found), CRYPTO_IO);
    assert_int_equal(open_file(file, (uint64_t)size_of(file) + 1, temp, &found), CRYPTO_IO);
    assert_int_equal(open_file(file, UINT64_MAX, temp, &found), CRYPTO_IO);
    assert_int_equal(open_file(file, 0, full, &found), CRYPTO_IO);
    close(content);
    close(file);
    close(temp);
    close(full);
    close(ends[0]);
    close(ends[1]);
}

/* A file-size limit stands for a full disk in the middle of it. */
static void test_disk_full(void **state)
{
    int content = memory_file(""), file = memory_file(""), temp = memory_file("");
    struct rlimit before, small = {.rlim_cur = 300000, .rlim_max = RLIM_INFINITY};
    struct cms_content found;

    (void)state;
    assert_int_equal(ftruncate(content, 1000000), 0);
    assert_int_equal(seal(content, file), CRYPTO_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(open_file(file, 0, temp, &found), CRYPTO_IO);
    assert_int_equal(size_of(temp), 0);
    assert_int_equal(seal(content, temp), CRYPTO_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
    close(content);
    close(file);
    close(temp);
}

/* Peak of resident memory of a process that seals and opens `size` octets, KiB. */
static long peak_of(off_t size, const char *folder)
{
    struct rusage usage;
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        int fds[3];
        struct cms_content found = {0};
        for (size_t n = 0; n < 3; n++)
            if ((fds[n] = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) < 0)
                _exit(1);
        if (ftruncate(fds[0], size) != 0 || seal(fds[0], fds[1]) != CRYPTO_OK ||
            open_file(fds[1], 0, fds[2], &found) != CRYPTO_OK || found.len != (uint64_t)size)
            _exit(2);
        _exit(0);
    }
    assert_int_equal(wait4(child, &status, 0, &usage), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return usage.ru_maxrss;
}

static void test_memory_does_not_grow(void **state)
{
    long small, large;

    (void)state;
    small = peak_of(1 << 16, "/tmp");
    large = peak_of(64 << 20, "/tmp");
    if (large > small + 4096)
        fail_msg("%ld KiB for a small file, %ld KiB for a large one", small, large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_behind_a_header),      cmocka_unit_test(test_nothing_stays_behind),
        cmocka_unit_test(test_other_descriptors),    cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_memory_does_not_grow),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
