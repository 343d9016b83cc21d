/* SPDX-License-Identifier: Apache-2.0
 *
 * One-time codes for people to type, and octets sealed under such a code: the join file and the
 * recovery copy. A code is 19 random characters (95 bits) and a check character of the alphabet
 * 0-9 A-Z without I, L, O, U, written in 5 groups of 4. The check character (a Reed-Solomon symbol
 * over 32 elements) finds every single wrong character and any two exchanged.
 *
 * Sealed: DER CodeSealed { version, label, salt(16), AES-256-GCM under scrypt(code, salt,
 * CRYPTO_SCRYPT_CODE), SHA-256 over what stands before it }. The hash tells a damaged file from a
 * wrong code; only the seal is security.
 */
#ifndef TOYAMA_CORE_ROSTER_CODE_H
#define TOYAMA_CORE_ROSTER_CODE_H

#include <stddef.h>
#include <stdint.h>

#define CODE_CHARS      20
#define CODE_TEXT_CAP   25  /* XXXX-XXXX-XXXX-XXXX-XXXX and NUL */
#define CODE_LABEL_MAX  32  /* octets */
#define CODE_SEAL_EXTRA 192 /* octets that sealing adds, at most */
#define CODE_SEALED_MAX (1 << 20)

enum code_err {
    CODE_OK = 0,
    CODE_CHARACTER = -1, /* a character that no code has */
    CODE_COUNT = -2,     /* not 20 characters */
    CODE_CHECK = -3,     /* mistyped: the check character does not fit */
    CODE_WRONG = -4,     /* well-formed, but not the code of this file */
    CODE_DAMAGED = -5,   /* not such a file, of another kind, or altered */
    CODE_EXPIRED = -6,
    CODE_OTHER_HOST = -7, /* made for a host of another name */
    CODE_FULL = -8,       /* buffer too small or content too large */
    CODE_CRYPTO = -9      /* no random numbers or no memory */
};

/* The labels in use. */
#define CODE_LABEL_JOIN     "toyama join"
#define CODE_LABEL_RECOVERY "toyama recovery"

const char *code_strerror(int err);

/* A fresh code in groups. The caller wipes it. */
int code_make(char text[CODE_TEXT_CAP]);
/* Reads a typed code: either case, full width too, hyphens and blanks anywhere, I and L for 1, O
 * for 0; writes it as code_make would have. */
int code_parse(const char *typed, char text[CODE_TEXT_CAP]);

/* `code` is any text that code_parse takes; `label` CODE_LABEL_*. Half a second and 128 MiB each.
 */
int code_seal(const char *label, const char *code, const void *content, size_t len, void *buf,
              size_t cap, size_t *outlen);
/* In this order: CODE_DAMAGED (also where the label differs), the errors of code_parse, CODE_WRONG,
 * CODE_FULL. A buffer of the file's length is large enough. It is wiped on failure. */
int code_open(const char *label, const char *code, const void *file, size_t len, void *buf,
              size_t cap, size_t *outlen);

#endif
