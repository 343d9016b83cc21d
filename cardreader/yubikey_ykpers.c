/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey.h"

#include "core/wire/wipe.h"

#include <string.h>
#include <ykdef.h>
#include <ykpers.h>
#include <ykstatus.h>

/* The library asks for room behind the answer and writes its checksum there. */
#define ANSWER_ROOM 64

/* libykpers tells USB errors apart by its own words only. */
static int usb_failure(void)
{
    static const struct {
        const char *words;
        int err;
    } known[] = {{"Resource busy", YUBIKEY_BUSY},
                 {"No such device (it may have been disconnected)", YUBIKEY_GONE},
                 {"Access denied (insufficient permissions)", YUBIKEY_RIGHTS}};
    const char *words = yk_usb_strerror();

    for (size_t n = 0; words != NULL && n < sizeof(known) / sizeof(known[0]); n++)
        if (strcmp(words, known[n].words) == 0)
            return known[n].err;
    return YUBIKEY_FAULT;
}

/* yk_errno explains a failure that the return value has told; it never makes one, and 0 after a
 * failure is an answer that was cut off. */
static int failure(void)
{
    switch (yk_errno) {
    case YK_EUSBERR:
        return usb_failure();
    case YK_ENOKEY:
        return YUBIKEY_NONE;
    case YK_ETIMEOUT:
        return YUBIKEY_TIMEOUT;
    case YK_ECHECKSUM:
        return YUBIKEY_CHECKSUM;
    case YK_EWOULDBLOCK:
        return YUBIKEY_WOULD_BLOCK;
    case YK_EWRITEERR:
        return YUBIKEY_REFUSED;
    default:
        return YUBIKEY_FAULT;
    }
}

static int begin(void)
{
    yk_errno = 0;
    return yk_init() != 0 ? YUBIKEY_OK : failure();
}

static void end(void)
{
    yk_release();
}

/* What was under way ends now. Left alone, the rest of an answer would be read as the next status,
 * by us or by another program. */
static int abandon(void *key)
{
    int r = failure();

    if (r != YUBIKEY_GONE)
        yk_force_key_update(key);
    return r;
}

/* Whoever had the key before may have left it in the middle of something. */
static int open_key(unsigned number, void **key)
{
    int r;

    yk_errno = 0;
    *key = yk_open_key((int)number);
    if (*key == NULL)
        return failure();
    yk_errno = 0;
    if (yk_force_key_update(*key) != 0)
        return YUBIKEY_OK;
    r = failure();
    yk_close_key(*key);
    *key = NULL;
    return r;
}

static void close_key(void *key)
{
    yk_close_key(key);
}

static int status(void *key, struct yubikey_status *out)
{
    YK_STATUS *st = ykds_alloc();
    int r = YUBIKEY_FAULT, level;

    *out = (struct yubikey_status){0};
    if (st == NULL)
        return r;
    yk_errno = 0;
    r = yk_get_status(key, st) != 0 ? YUBIKEY_OK : failure();
    level = ykds_touch_level(st);
    if (r == YUBIKEY_OK && ykds_version_major(st) == 0)
        r = YUBIKEY_FAULT;
    if (r == YUBIKEY_OK)
        *out = (struct yubikey_status){{(uint8_t)ykds_version_major(st),
                                        (uint8_t)ykds_version_minor(st),
                                        (uint8_t)ykds_version_build(st)},
                                       (uint8_t)ykds_pgm_seq(st),
                                       (uint8_t)(level & (CONFIG1_VALID | CONFIG2_VALID)),
                                       (uint8_t)((level & (CONFIG1_TOUCH | CONFIG2_TOUCH)) >> 2)};
    ykds_free(st);
    return r;
}

static int serial(void *key, uint32_t *out)
{
    unsigned number = 0;

    yk_errno = 0;
    if (yk_get_serial(key, 0, 0, &number) == 0)
        return abandon(key);
    *out = number;
    return YUBIKEY_OK;
}

static int chalresp(void *key, unsigned slot, bool wait, const uint8_t *challenge, size_t len,
                    uint8_t out[TOKEN_ANSWER_LEN])
{
    uint8_t answer[ANSWER_ROOM] = {0};
    uint8_t command = slot == 1 ? SLOT_CHAL_HMAC1 : SLOT_CHAL_HMAC2;
    int r = YUBIKEY_OK;

    if (len == 0 || len > TOKEN_CHALLENGE_MAX)
        return YUBIKEY_FAULT;
    yk_errno = 0;
    if (yk_challenge_response(key, command, wait ? 1 : 0, (unsigned)len, challenge, sizeof(answer),
                              answer) == 0)
        r = abandon(key);
    else
        memcpy(out, answer, TOKEN_ANSWER_LEN);
    wire_wipe(answer, sizeof(answer));
    return r;
}

/* The setter of the HMAC key alone gives 0 for success. */
static bool fill(YKP_CONFIG *cfg, const struct yubikey_config *config)
{
    uint8_t code[TOKEN_CODE_LEN];
    bool good;

    memcpy(code, config->code, sizeof(code));
    good = ykp_configure_command(cfg, config->slot == 1 ? SLOT_CONFIG : SLOT_CONFIG2) == 1 &&
           ykp_HMAC_key_from_raw(cfg, (const char *)config->secret) == 0 &&
           ykp_set_access_code(cfg, code, sizeof(code)) == 1 &&
           ykp_set_tktflag_CHAL_RESP(cfg, true) == 1 && ykp_set_cfgflag_CHAL_HMAC(cfg, true) == 1 &&
           ykp_set_cfgflag_HMAC_LT64(cfg, true) == 1 &&
           ykp_set_cfgflag_CHAL_BTN_TRIG(cfg, config->touch) == 1 &&
           ykp_set_extflag_SERIAL_API_VISIBLE(cfg, true) == 1;
    wire_wipe(code, sizeof(code));
    return good;
}

static int write_config(void *key, YKP_CONFIG *cfg, const struct yubikey_config *config)
{
    uint8_t current[TOKEN_CODE_LEN];
    int r;

    memcpy(current, config->current, sizeof(current));
    yk_errno = 0;
    r = yk_write_command(key, ykp_core_config(cfg), (uint8_t)ykp_command(cfg),
                         config->has_current ? current : NULL) != 0
            ? YUBIKEY_OK
            : failure();
    wire_wipe(current, sizeof(current));
    return r;
}

/* No ykp_configure_for: it presets flags of another use. */
static int program(void *key, const struct yubikey_config *config)
{
    YKP_CONFIG *cfg = ykp_alloc();
    YK_STATUS *st = ykds_alloc();
    int r = YUBIKEY_FAULT;

    if (cfg == NULL || st == NULL)
        goto out;
    yk_errno = 0;
    if (yk_get_status(key, st) == 0) {
        r = failure();
        goto out;
    }
    ykp_configure_version(cfg, st);
    r = fill(cfg, config) ? write_config(key, cfg, config) : YUBIKEY_FAULT;
    wire_wipe(ykp_core_config(cfg), sizeof(struct config_st));
out:
    if (cfg != NULL)
        ykp_free_config(cfg);
    if (st != NULL)
        ykds_free(st);
    return r;
}

/* A write from another thread: libusb allows it, and the key takes it as the end of what it did. */
static void interrupt(void *key)
{
    yk_force_key_update(key);
}

const struct yubikey_backend yubikey_ykpers = {begin,  end,      open_key, close_key, status,
                                               serial, chalresp, program,  interrupt};
