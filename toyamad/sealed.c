/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/sealed.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

struct window {
    int fd;
    uint64_t offset;
};

/* A file that became shorter meanwhile is an error, not a signal. */
static int read_window(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct window *w = arg;
    uint8_t *p = buf;

    for (size_t done = 0; done < len;) {
        ssize_t n = pread(w->fd, p + done, len - done, (off_t)(w->offset + offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int write_window(void *arg, const void *buf, size_t len)
{
    const struct window *w = arg;
    const uint8_t *p = buf;

    for (size_t done = 0; done < len;) {
        ssize_t n = write(w->fd, p + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int source_of(struct window *w, struct cms_source *source)
{
    struct stat st;

    if (fstat(w->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
        w->offset > (uint64_t)st.st_size)
        return CRYPTO_IO;
    *source =
        (struct cms_source){.read = read_window, .arg = w, .len = (uint64_t)st.st_size - w->offset};
    return CRYPTO_OK;
}

int sealed_write(int content_fd, const struct cms_signer *signer, const void *recipient_spki,
                 size_t spkilen, int out_fd)
{
    struct window content = {.fd = content_fd}, out = {.fd = out_fd};
    const struct cms_sink sink = {.write = write_window, .arg = &out};
    struct cms_source source;
    int r = source_of(&content, &source);

    return r != CRYPTO_OK ? r : cms_seal(&source, signer, recipient_spki, spkilen, &sink);
}

static int decrypt_to(int file_fd, uint64_t offset, const void *key, size_t keylen, int temp_fd)
{
    struct window file = {.fd = file_fd, .offset = offset}, temp = {.fd = temp_fd};
    const struct cms_sink sink = {.write = write_window, .arg = &temp};
    struct cms_source source;
    int r = source_of(&file, &source);

    return r != CRYPTO_OK ? r : cms_decrypt(&source, key, keylen, &sink);
}

static int verify_in(int temp_fd, const uint8_t *signer, struct cms_content *out)
{
    struct window temp = {.fd = temp_fd};
    struct cms_source source;
    int r = source_of(&temp, &source);

    return r != CRYPTO_OK ? r : cms_verify(&source, signer, out);
}

int sealed_open(int file_fd, uint64_t offset, const void *key, size_t keylen, const uint8_t *signer,
                int temp_fd, struct cms_content *out)
{
    int r;

    if ((r = decrypt_to(file_fd, offset, key, keylen, temp_fd)) == CRYPTO_OK &&
        (r = verify_in(temp_fd, signer, out)) == CRYPTO_OK)
        return CRYPTO_OK;
    /* The caller gets the first error; what did not verify must not stay behind. */
    if (ftruncate(temp_fd, 0) != 0 || lseek(temp_fd, 0, SEEK_SET) != 0)
        return CRYPTO_IO;
    return r;
}

int sealed_hash(int fd, uint64_t offset, uint8_t out[CRYPTO_SHA256_LEN])
{
    struct window file = {.fd = fd};
    struct cms_source source;
    int r = source_of(&file, &source);

    return r != CRYPTO_OK ? r : cms_hash(&source, offset, out);
}
