/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the first inputs of the fuzz targets: make_corpus DIR. Their output stands in corpus/, so
 * that a run starts from the same inputs everywhere.
 */
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>

#include "biometric/pack.h"
#include "core/chain/head.h"
#include "core/roster/amendment.h"
#include "core/roster/file.h"
#include "core/roster/hr.h"
#include "core/roster/issue.h"
#include "core/roster/join.h"
#include "core/roster/payload.h"
#include "core/roster/stop.h"
#include "core/wire/admin.h"
#include "core/wire/args.h"
#include "core/wire/auth.h"
#include "core/wire/card.h"
#include "core/wire/finger.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_corpus.h"
#include "tests/unit/core/people.h"

static const char *base;

void corpus_save(const char *target, const char *name, const void *data, size_t len)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", base, target);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/%s/%s.bin", base, target, name);
    file = fopen(path, "wb");
    fuzz_require(file != NULL && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

static void save_frames(void)
{
    static const struct {
        const char *name;
        const struct frame_rule *rules;
        const size_t *count;
    } channels[] = {
        {"auth-broker", auth_to_broker, &auth_to_broker_count},
        {"auth-client", auth_to_client, &auth_to_client_count},
        {"admin-broker", admin_to_broker, &admin_to_broker_count},
        {"admin-client", admin_to_client, &admin_to_client_count},
        {"card-worker", card_to_worker, &card_to_worker_count},
        {"card-broker", card_to_broker, &card_to_broker_count},
        {"finger-worker", finger_to_worker, &finger_to_worker_count},
        {"finger-broker", finger_to_broker, &finger_to_broker_count},
    };

    for (size_t c = 0; c < sizeof(channels) / sizeof(channels[0]); c++) {
        for (size_t n = 0; n < *channels[c].count; n++) {
            const struct frame_rule *rule = &channels[c].rules[n];
            uint8_t buf[512] = {(uint8_t)c};
            struct frame_out out = frame_begin(buf + 1, sizeof(buf) - 1, rule->type);
            char name[64];
            size_t len = 0;
            for (unsigned f = 0; f < FRAME_FIELDS; f++)
                if (((rule->must | rule->may) & FRAME_BIT(f)) != 0)
                    frame_put(&out, f, "0123456789abcdef", f % 3 == 0 ? FRAME_NONCE_LEN : 2);
            fuzz_require(frame_end(&out, &len) == WIRE_OK);
            snprintf(name, sizeof(name), "%s-%02x", channels[c].name, rule->type);
            corpus_save("frame", name, buf, len + 1);
        }
    }
}

static void save_hits(void)
{
    static const struct finger_hit hits[] = {{.id = "0123456789abcde", .presses = 3, .pairs = 17},
                                             {.id = "fedcba987654321", .presses = 1, .pairs = 300}};
    uint8_t buf[128];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t len = 0;

    for (size_t n = 0; n < sizeof(hits) / sizeof(hits[0]); n++)
        finger_hit_put(&out, &hits[n]);
    fuzz_require(tlv_finish(&out, &len) == WIRE_OK);
    corpus_save("finger", "two", buf, len);
}

static void save_packed(void)
{
    uint8_t plain[1024] = {DER_SEQUENCE, 0x82, 0x03, 0xFC};
    GBytes *packed;

    for (size_t n = 4; n < sizeof(plain); n += 4)
        plain[n] = (uint8_t)n;
    packed = pack_close(plain, sizeof(plain));
    fuzz_require(packed != NULL);
    corpus_save("pack", "plain", plain, sizeof(plain));
    corpus_save("pack", "packed", g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
    g_bytes_unref(packed);
}

static void save_wire(void)
{
    struct args args = {0};
    struct admin_pairs pairs = {0};
    uint8_t buf[1024];
    size_t len = 0;

    fuzz_require(args_add(&args, "until", ARG_DATE, "2027-03-31") &&
                 args_add_number(&args, "tries", 3) &&
                 args_encode(&args, buf, sizeof(buf), &len) == WIRE_OK);
    corpus_save("args", "two", buf, len);
    save_hits();
    corpus_save("tlv", "args", buf, len);
    fuzz_require(admin_pair_add(&pairs, "login", "hanako") &&
                 admin_pair_add(&pairs, "name", "\xE8\x8A\xB1\xE5\xAD\x90") &&
                 admin_pairs_encode(&pairs, buf, sizeof(buf), &len) == WIRE_OK);
    corpus_save("admin", "two", buf, len);
    corpus_save("tlv", "ber", "\x7F\x49\x81\x05\x53\x03\x01\x02\x03\x5F\xC1\x05\x00", 13);
}

static void save_roster(void)
{
    static struct roster_record r;
    static uint8_t buf[ROSTER_RECORD_MAX];
    struct roster_issue issue = {.zone = "lgwan", .number = 1, .created = 1775000000, .count = 3};
    size_t len = 0;

    people_small(&r);
    fuzz_require(roster_record_encode(&r, buf, sizeof(buf), &len) == ROSTER_OK);
    corpus_save("record", "small", buf, len);
    people_full(&r, 91);
    fuzz_require(roster_record_encode(&r, buf, sizeof(buf), &len) == ROSTER_OK);
    corpus_save("record", "full", buf, len);
    fuzz_require(roster_issue_encode(&issue, buf, sizeof(buf), &len) == ROSTER_OK);
    corpus_save("issue", "first", buf, len);
    issue.number = UINT64_MAX;
    issue.previous[0] = 1;
    fuzz_require(roster_issue_encode(&issue, buf, sizeof(buf), &len) == ROSTER_OK);
    corpus_save("issue", "last", buf, len);
}

struct sink {
    uint8_t buf[16384];
    size_t len;
};

static bool append(void *ctx, const void *p, size_t len)
{
    struct sink *sink = ctx;

    if (len > sizeof(sink->buf) - sink->len)
        return false;
    memcpy(sink->buf + sink->len, p, len);
    sink->len += len;
    return true;
}

/* A person with a card, a memorised secret and a finger, and what belongs to them. */
static void save_payload(void)
{
    static struct roster_record r;
    static struct sink sink;
    struct roster_payload_writer w = {.write = append, .ctx = &sink};
    static const uint8_t sealed[48] = {1, 2, 3};
    uint64_t octets[ROSTER_PARTS] = {0};
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;

    people_small(&r);
    r.credential[1] = (struct roster_credential){
        .id = {7}, .family = CARD_MEMORISED, .state = ROSTER_ACTIVE, .keys = 1};
    r.credential[1].key[0] = (struct roster_key){.ref = 1, .pin = true, .len = CRYPTO_SHA256_LEN};
    r.credentials = 2;
    fuzz_require(crypto_sha256(sealed, sizeof(sealed), r.credential[1].key[0].spki) == CRYPTO_OK &&
                 crypto_sha256(sealed, sizeof(sealed), r.finger[0].sealed_hash) == CRYPTO_OK &&
                 roster_record_encode(&r, der, sizeof(der), &len) == ROSTER_OK);
    octets[ROSTER_PART_RECORDS] = roster_payload_size_octets(len);
    octets[ROSTER_PART_TEMPLATES] = roster_payload_size_sealed(sizeof(sealed));
    octets[ROSTER_PART_SECRETS] = roster_payload_size_secret(1, sizeof(sealed));
    fuzz_require(
        roster_payload_begin(&w, "lgwan", 0, octets) == ROSTER_OK &&
        roster_payload_next(&w) == ROSTER_OK &&
        roster_payload_put_octets(&w, der, len) == ROSTER_OK &&
        roster_payload_next(&w) == ROSTER_OK && roster_payload_next(&w) == ROSTER_OK &&
        roster_payload_put_sealed(&w, r.finger[0].id, sealed, sizeof(sealed)) == ROSTER_OK &&
        roster_payload_next(&w) == ROSTER_OK &&
        roster_payload_put_secret(&w, r.credential[1].id, 1, sealed, sizeof(sealed)) == ROSTER_OK &&
        roster_payload_next(&w) == ROSTER_OK && roster_payload_end(&w) == ROSTER_OK);
    corpus_save("take", "one", sink.buf, sink.len);
    corpus_save("payload", "one", sink.buf, sink.len);
}

static void save_amendments(void)
{
    static struct roster_record r;
    static struct roster_amendment a = {.zone = "lgwan", .number = 7, .created = 1775000000};
    static struct roster_amended amended = {.key_len = 91, .sig_len = 70};
    uint8_t buf[ROSTER_AMENDED_MAX + 1] = {0};
    size_t len = 0;

    people_small(&r);
    memcpy(a.person, r.id, sizeof(a.person));
    a.kind = ROSTER_AMEND_TEMPORARY;
    a.cards = 1;
    a.card[0] = r.credential[0];
    a.card[0].temporary = true;
    a.until = a.card[0].until = a.created + 3600;
    fuzz_require(roster_amendment_encode(&a, amended.der, sizeof(amended.der), &amended.der_len) ==
                 ROSTER_OK);
    memcpy(buf + 1, amended.der, amended.der_len);
    corpus_save("amendment", "temporary", buf, amended.der_len + 1);
    buf[0] = 1;
    fuzz_require(roster_amended_encode(&amended, buf + 1, sizeof(buf) - 1, &len) == ROSTER_OK);
    corpus_save("amendment", "amended", buf, len + 1);
}

static void save_hr(void)
{
    const struct hr_row row = {.line = 2,
                               .given = HR_GIVEN_ALL,
                               .number = "012345",
                               .name = "a",
                               .section = "b",
                               .category = ROSTER_SUPPORT,
                               .from = 20260401,
                               .until = 20270331,
                               .logins = 1,
                               .login = {"taro"},
                               .zones = ROSTER_LGWAN};
    uint8_t buf[2 * HR_ROW_MAX], der[HR_ROW_MAX];
    size_t head = 0, len = 0;

    fuzz_require(hr_row_encode(&row, der, sizeof(der), &len) == ROSTER_OK &&
                 hr_list_head(len, buf, sizeof(buf), &head) == ROSTER_OK);
    memcpy(buf + head, der, len);
    corpus_save("hr", "one", buf, head + len);
}

static void save_file_head(void)
{
    const struct roster_file file = {
        .zone = "lgwan", .number = 124, .created = 1790841900, .people = 412, .media = "USB-07"};
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0;

    fuzz_require(roster_file_format(&file, buf, sizeof(buf), &len) == ROSTER_OK);
    corpus_save("roster_file", "first", buf, len);
}

static void save_csv(void)
{
    static const char utf8[] = "~n,m,k,s,c,f,u,e,l,z\r\n1,\xE7\xA0\xBA,,a,r,2026-04-01,,,x y,g\r\n"
                               "2,\"b\"\"\",,a,\xE5\xBF\x9C,H31.4.30,\xE4\xBB\xA4\xE5\x92\x8C"
                               "9\xE5\xB9\xB4"
                               "3\xE6\x9C\x88"
                               "31\xE6\x97\xA5,20260401,z,-\r\n";
    static const char cp932[] = "~u,n,m,k,s,c,f\nR9.3.31,1,\x93\x75\xFB\xFC,\xC4\xC5,a,\x89\x9E,\n";
    static const char mixed[] = "\x02n,m,k,s,c,f,u\n1,=1,\"x\ny\",\xFF,r,,\r\n\"";

    corpus_save("csv", "utf8", utf8, sizeof(utf8) - 1);
    corpus_save("csv", "cp932", cp932, sizeof(cp932) - 1);
    corpus_save("csv", "mixed", mixed, sizeof(mixed) - 1);
}

static void save_holidays(void)
{
    static const char utf8[] = "day,name\n2026/11/23,\xE5\x8B\xA4\n2027/1/1,\xE5\x85\x83\n";
    static const char cp932[] = "\x93\xFA,\x96\xBC\r\n2026/11/23,\x8B\xCE\r\n2027/1/1,\xB1\r\n";

    corpus_save("holidays", "utf8", utf8, sizeof(utf8) - 1);
    corpus_save("holidays", "cp932", cp932, sizeof(cp932) - 1);
}

static void save_chain(void)
{
    static struct chain_event e = {.sequence = 300, .time = 1775000000, .kind = "login"};
    uint8_t buf[512];
    size_t len = 0;

    fuzz_require(chain_event_add(&e, "service", "su") && chain_event_add(&e, "result", "grant") &&
                 chain_event_encode(&e, buf, sizeof(buf), &len) == CHAIN_OK);
    corpus_save("chain", "login", buf, len);
    fuzz_require(chain_head_encode(&(struct chain_head){.host = "mado-01", .sequence = 300}, buf,
                                   sizeof(buf), &len) == CHAIN_OK);
    corpus_save("head", "first", buf, len);
    corpus_save("chain", "value", "\xE5\xB1\xB1\n\xFF\xF0\x9F\x80", 8);
}

static size_t put_hex(uint8_t *out, const char *hex)
{
    size_t len = strlen(hex) / 2;
    unsigned octet = 0;

    for (size_t n = 0; n < len; n++) {
        fuzz_require(sscanf(hex + 2 * n, "%2x", &octet) == 1);
        out[n] = (uint8_t)octet;
    }
    return len;
}

/* What is asked, then a card's answers, each behind its length; NULL is the last one. */
static void save_answers(const char *target, const char *name, uint8_t what,
                         const char *const *answers)
{
    uint8_t buf[1024] = {what};
    size_t at = 1;

    for (; *answers != NULL; answers++) {
        buf[at] = (uint8_t)put_hex(buf + at + 1, *answers);
        at += 1U + buf[at];
    }
    corpus_save(target, name, buf, at);
}

#define IDM   "012E4C0102030405"
#define ONE   "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF"
#define MC    "FFFFFF01070000000000000000000000"
#define GOOD  "C003009000"
#define WROTE "0C09" IDM "0000"
#define THREE "3D07" IDM "000003" ONE ONE ONE
#define OPEN  "2D07" IDM "000002" MC ONE

static void save_felica(void)
{
    static const struct {
        const char *name;
        uint8_t what;
        const char *answers[8];
    } cards[] = {
        {"sony-sign", 0x00, {"9000", "9000", "9000", ONE ONE ONE "9000"}},
        {"sony-idm", 0x10, {"9000", IDM "9000", "00F10000000143009000"}},
        {"sony-lock", 0x24, {"9000", "9000", MC ONE "9000", "9000", "9000", "9000", "9000"}},
        {"pn532-sign", 0x01, {IDM "9000", "D54100" WROTE "9000", "D54100" THREE "9000"}},
        {"pn532-lost", 0x01, {IDM "9000", "D541019000"}},
        {"direct-sign", 0x02, {IDM "9000", WROTE "9000", THREE "9000"}},
        {"direct-status", 0x02, {IDM "9000", "0C09" IDM "01A89000"}},
        {"direct-lock", 0x26, {IDM "9000", OPEN "9000", WROTE "9000", WROTE "9000", WROTE "9000"}},
        {"part3-sign",
         0x03,
         {IDM "9000", "9000",
          GOOD "920100960200"
               "00970C" WROTE "9000",
          GOOD "973D" THREE "9000", "9000"}},
        {"part3-silence", 0x03, {IDM "9000", "9000", "C0030164019000", "9000"}},
    };
    static const char example[] = "000102030405060708090A0B0C0D0E0F00" IDM "00F1000000000000"
                                  "01000000000000000000000000000000"
                                  "0BE50B096D81596A0000000000000000";
    uint8_t buf[128];

    for (size_t n = 0; n < sizeof(cards) / sizeof(cards[0]); n++)
        save_answers("felica", cards[n].name, cards[n].what, cards[n].answers);
    corpus_save("mac_a", "example", buf, put_hex(buf, example));
    corpus_save("hmac", "any", buf, 21 + 20);
}

static void save_key(const char *name, EVP_PKEY *key)
{
    uint8_t buf[1024], *at = buf;
    char cert_name[32];
    X509 *cert = X509_new();
    int len = i2d_PUBKEY(key, NULL);

    fuzz_require(cert != NULL && len > 0 && (size_t)len <= sizeof(buf));
    corpus_save("key", name, buf, (size_t)i2d_PUBKEY(key, &at));
    fuzz_require(X509_set_version(cert, X509_VERSION_3) == 1 && X509_set_pubkey(cert, key) == 1 &&
                 X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
                 X509_gmtime_adj(X509_getm_notAfter(cert), 60) != NULL &&
                 X509_sign(cert, key, EVP_sha256()) > 0);
    len = i2d_X509(cert, NULL);
    fuzz_require(len > 0 && (size_t)len <= sizeof(buf));
    at = buf;
    snprintf(cert_name, sizeof(cert_name), "%s-certificate", name);
    corpus_save("key", cert_name, buf, (size_t)i2d_X509(cert, &at));
    X509_free(cert);
    EVP_PKEY_free(key);
}

static int read_content(void *arg, uint64_t offset, void *buf, size_t len)
{
    memcpy(buf, (const uint8_t *)arg + offset, len);
    return 0;
}

struct written {
    uint8_t octets[4096];
    size_t len;
};

static int write_file(void *arg, const void *buf, size_t len)
{
    struct written *out = arg;

    fuzz_require(len <= sizeof(out->octets) - out->len);
    memcpy(out->octets + out->len, buf, len);
    out->len += len;
    return 0;
}

/* One key is signer and recipient. In front of the file stand 0 and the key, in front of what lies
 * in it stands 1. */
static void save_cms(void)
{
    static char content[] = "content";
    struct written file = {.octets = {0}}, inner = {.octets = {1}, .len = 1};
    uint8_t *key = file.octets + 2, spki[CRYPTO_SPKI_MAX], cert[CMS_CERT_MAX];
    struct cms_signer signer = {.key = key, .cert = cert, .time = 1775000000};
    struct cms_source source = {.read = read_content, .arg = content, .len = sizeof(content) - 1};
    struct cms_sink sink = {.write = write_file, .arg = &file};
    size_t len = 0;

    fuzz_require(crypto_p256_generate(key, UINT8_MAX, &signer.keylen, spki, sizeof(spki), &len) ==
                     CRYPTO_OK &&
                 crypto_self_cert(key, signer.keylen, "name", true, 1775000000, cert, sizeof(cert),
                                  &signer.certlen) == CRYPTO_OK);
    file.octets[1] = (uint8_t)signer.keylen;
    file.len = 2 + signer.keylen;
    fuzz_require(cms_seal(&source, &signer, spki, len, &sink) == CRYPTO_OK);
    corpus_save("cms", "file", file.octets, file.len);
    source = (struct cms_source){
        .read = read_content, .arg = key + signer.keylen, .len = file.len - 2 - signer.keylen};
    sink.arg = &inner;
    fuzz_require(cms_decrypt(&source, key, signer.keylen, &sink) == CRYPTO_OK);
    corpus_save("cms", "signed", inner.octets, inner.len);
}

static void save_codes(void)
{
    static const char label[] = CODE_LABEL_JOIN, code[] = "71QA-0MJK-1X9Z-RTVW-0GC7";
    static const struct stop_code stop = {.slot = 123456, .secret = 789012345};
    static struct roster_join join = {
        .zone = "lgwan", .host = "mado-01", .trustlen = 1, .keylen = 2, .certlen = 3};
    uint8_t buf[1024] = {0};
    char *text = (char *)buf + 1;
    size_t len = 0;

    memcpy(text, code, sizeof(code));
    corpus_save("code", "typed", buf, sizeof(code));
    buf[0] = 1;
    fuzz_require(stop_format(&stop, text) == STOP_OK);
    corpus_save("code", "stop", buf, STOP_TEXT_CAP);
    buf[0] = 2;
    fuzz_require(stop_notice_encode(&stop, buf + 1, sizeof(buf) - 1, &len) == STOP_OK);
    corpus_save("code", "notice", buf, len + 1);
    buf[0] = 3;
    fuzz_require(code_seal(label, code, "x", 1, buf + 1, sizeof(buf) - 1, &len) == CODE_OK);
    corpus_save("code", "sealed", buf, len + 1);
    buf[0] = 4;
    fuzz_require(join_encode(&join, buf + 1, sizeof(buf) - 1, &len) == CODE_OK);
    corpus_save("code", "join", buf, len + 1);
}

static void save_policy(void)
{
    static const char number[] = "zone=individual-number\nrequire=card finger\n";
    static const char all[] =
        "host=mado-01\nlanguage=en\nextension=123\ncard_wait=10\npin_wait=11\nfinger_wait=12\n"
        "total=80\nfinger_tries=2\nfinger_presses=2\nlock_after=9\nlock_time=86400\n"
        "lock_admin_only=yes\nthrottle_after=7\nthrottle_delay=0\nremote=sshd xrdp-sesman\n"
        "account_exempt=cron\nsensors=aes2501 virtual_image elan\ndemo=yes\nzone=lgwan\n"
        "require=finger card pin\n";

    corpus_save("policy", "number", number, sizeof(number) - 1);
    corpus_save("policy", "all", all, sizeof(all) - 1);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    base = argv[1];
    (void)mkdir(base, 0777);
    save_frames();
    save_packed();
    save_wire();
    save_roster();
    save_payload();
    save_amendments();
    save_hr();
    save_file_head();
    corpus_station();
    save_csv();
    save_holidays();
    save_chain();
    save_felica();
    save_key("p256", EVP_EC_gen("P-256"));
    save_key("p384", EVP_EC_gen("P-384"));
    save_key("rsa2048", EVP_RSA_gen(2048));
    save_cms();
    save_codes();
    save_policy();
    return 0;
}
