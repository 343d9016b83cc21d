/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/reply.h"

#include "cardreader/log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_MAX (CARD_OBJECT_MAX + 512)

struct out {
    uint8_t buf[REPLY_MAX];
    struct frame_out frame;
};

static void begin(struct out *out, const struct reply *r, uint8_t type)
{
    out->frame = frame_begin(out->buf, sizeof(out->buf), type);
    frame_put(&out->frame, CARD_F_ATTEMPT, r->attempt, sizeof(r->attempt));
}

static bool finish(struct out *out, const struct reply *r)
{
    size_t len = 0;
    ssize_t sent;

    if (frame_end(&out->frame, &len) != WIRE_OK) {
        card_log("frame 0x%02X does not fit", out->buf[0]);
        return false;
    }
    do
        sent = send(r->fd, out->buf, len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)len)
        card_log("broker does not listen: %s", strerror(errno));
    return sent == (ssize_t)len;
}

static uint32_t clip(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void put_counts(struct out *out, const struct session *s)
{
    frame_put_u32(&out->frame, CARD_F_APDUS, s->link.counts.apdus);
    frame_put_u32(&out->frame, CARD_F_SENT, s->link.counts.sent);
    frame_put_u32(&out->frame, CARD_F_RECEIVED, s->link.counts.received);
    frame_put_u32(&out->frame, CARD_F_MICROS, clip(s->pcsc->micros));
}

static void put_tries(struct out *out, const struct family_result *res)
{
    if (res->tries != FAMILY_TRIES_UNKNOWN)
        frame_put_u32(&out->frame, CARD_F_TRIES, (uint32_t)res->tries);
}

bool reply_waiting(const struct reply *r, uint32_t reason, const char *reader)
{
    struct out out;

    begin(&out, r, CARD_WAITING);
    frame_put_u32(&out.frame, CARD_F_REASON, reason);
    if (reader[0] != '\0')
        frame_put_text(&out.frame, CARD_F_READER, reader);
    return finish(&out, r);
}

bool reply_present(const struct reply *r, const struct session *s, bool more)
{
    struct out out;

    begin(&out, r, CARD_PRESENT);
    frame_put_text(&out.frame, CARD_F_READER, s->reader.name);
    frame_put_u32(&out.frame, CARD_F_COUNTER, pcsc_counter(&s->reader));
    if (s->atr_len > 0)
        frame_put(&out.frame, CARD_F_ATR, s->atr, s->atr_len);
    if (more)
        frame_put_u32(&out.frame, CARD_F_MORE, 1);
    return finish(&out, r);
}

bool reply_removed(const struct reply *r, uint32_t counter, uint32_t reason)
{
    struct out out;

    begin(&out, r, CARD_REMOVED);
    frame_put_u32(&out.frame, CARD_F_COUNTER, counter);
    if (reason != 0)
        frame_put_u32(&out.frame, CARD_F_REASON, reason);
    return finish(&out, r);
}

bool reply_object(const struct reply *r, const struct session *s, const struct family_result *res)
{
    struct out out;

    begin(&out, r, CARD_OBJECT);
    if (res->len > 0)
        frame_put(&out.frame, CARD_F_DATA, res->data, res->len);
    put_tries(&out, res);
    put_counts(&out, s);
    return finish(&out, r);
}

bool reply_signed(const struct reply *r, const struct session *s, const struct family_result *res)
{
    struct out out;

    begin(&out, r, CARD_SIGNED);
    frame_put(&out.frame, CARD_F_SIGNATURE, res->data, res->len);
    put_tries(&out, res);
    put_counts(&out, s);
    return finish(&out, r);
}

bool reply_changed(const struct reply *r, const struct session *s)
{
    struct out out;

    begin(&out, r, CARD_CHANGED);
    put_counts(&out, s);
    return finish(&out, r);
}

bool reply_failed(const struct reply *r, const struct session *s, uint32_t reason,
                  const struct family_result *res)
{
    struct out out;

    begin(&out, r, CARD_FAILED);
    frame_put_u32(&out.frame, CARD_F_REASON, reason);
    if (res->sw != 0)
        frame_put_u32(&out.frame, CARD_F_SW, res->sw);
    put_tries(&out, res);
    put_counts(&out, s);
    return finish(&out, r);
}

static void put_list(struct out *out, const struct pcsc_reader *readers, size_t count)
{
    uint8_t buf[CARD_READERS_MAX * (CARD_READER_MAX + 16)];
    struct tlv_out list = tlv_writer(buf, sizeof(buf));
    size_t len = 0;

    for (size_t n = 0; n < count; n++) {
        uint8_t present = pcsc_has_card(&readers[n]) ? 0xFF : 0x00;
        size_t mark = tlv_open(&list, DER_SEQUENCE);
        tlv_put_text(&list, DER_UTF8, readers[n].name);
        tlv_put(&list, DER_BOOLEAN, &present, 1);
        tlv_close(&list, mark);
    }
    if (tlv_finish(&list, &len) == WIRE_OK)
        frame_put(&out->frame, CARD_F_LIST, buf, len);
}

bool reply_readers(const struct reply *r, uint32_t reason, const struct pcsc_reader *readers,
                   size_t count)
{
    struct out out;

    begin(&out, r, CARD_READERS);
    if (count > 0)
        put_list(&out, readers, count);
    if (reason != 0)
        frame_put_u32(&out.frame, CARD_F_REASON, reason);
    return finish(&out, r);
}
