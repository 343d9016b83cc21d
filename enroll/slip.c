/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/slip.h"

#include <string.h>
#include <time.h>

#define VALUE_MAX    256
#define HASH_SHOWN   16
#define REIWA_BEGINS 2018

static const char *zone_name(const char *zone)
{
    if (strcmp(zone, "individual-number") == 0)
        return "個人番号利用事務系";
    if (strcmp(zone, "lgwan") == 0)
        return "LGWAN系";
    return strcmp(zone, "internet") == 0 ? "インターネット接続系" : zone;
}

/* Of this host's time zone: 令和8年10月1日 17時05分. */
static void japanese_time(const char *value, char *out, size_t cap)
{
    struct tm tm = {0};
    const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t t = end != NULL ? timegm(&tm) : (time_t)-1;

    snprintf(out, cap, "%s", value);
    if (t == (time_t)-1 || localtime_r(&t, &tm) == NULL)
        return;
    snprintf(out, cap, "%s%d年%d月%d日 %d時%02d分", tm.tm_year + 1900 > REIWA_BEGINS ? "令和" : "",
             tm.tm_year + 1900 > REIWA_BEGINS ? tm.tm_year + 1900 - REIWA_BEGINS
                                              : tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static void write_hash(FILE *out, const char *hash)
{
    for (size_t n = 0; n < HASH_SHOWN && hash[n] != '\0'; n++)
        fprintf(out, "%s%c", n > 0 && n % 4 == 0 ? " " : "", hash[n]);
}

struct slip {
    char zone[VALUE_MAX], number[VALUE_MAX], time[VALUE_MAX], people[VALUE_MAX], base[VALUE_MAX];
    char file[VALUE_MAX], hash[VALUE_MAX], media[VALUE_MAX];
};

static struct slip read_row(const struct rows *rows, size_t row)
{
    struct slip s = {0};

    rows_value(rows, row, "zone", s.zone, sizeof(s.zone));
    rows_value(rows, row, "roster", s.number, sizeof(s.number));
    rows_value(rows, row, "roster_time", s.time, sizeof(s.time));
    rows_value(rows, row, "people", s.people, sizeof(s.people));
    rows_value(rows, row, "base", s.base, sizeof(s.base));
    rows_value(rows, row, "file", s.file, sizeof(s.file));
    rows_value(rows, row, "sha256", s.hash, sizeof(s.hash));
    rows_value(rows, row, "media", s.media, sizeof(s.media));
    return s;
}

void slip_write(FILE *out, const struct rows *rows, size_t row)
{
    struct slip s = read_row(rows, row);
    char when[VALUE_MAX];

    japanese_time(s.time, when, sizeof(when));
    fprintf(out, "　　　　　　　　登録名簿　受渡票\n\n取扱区分　　関係者限り\n\n");
    fprintf(out, "対象の系　　%s\n号数　　　　第%s号（%s）\n件数　　　　%s名\n", zone_name(s.zone),
            s.number, when, s.people);
    if (strcmp(s.base, "0") == 0)
        fprintf(out, "内容　　　　全員\n");
    else
        fprintf(out, "内容　　　　第%s号からの変更\n", s.base);
    fprintf(out, "ファイル名　%s\nSHA-256 　　", s.file);
    write_hash(out, s.hash);
    fprintf(out, "（先頭16桁）\n媒体番号　　%s\n\n\n",
            s.media[0] != '\0' ? s.media : "＿＿＿＿＿＿");
    fprintf(out, "作成（登録担当者）　　　　　年　　月　　日　　　　　　　　　　　　印\n\n\n");
    fprintf(out, "受取（対象の系の担当者）　　年　　月　　日　　　　　　　　　　　　印\n\n\n");
    fprintf(out, "取り込み後に媒体の内容を消去し、媒体使用簿に記入しました。　　□\n");
}
