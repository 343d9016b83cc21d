/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "core/roster/holidays.h"
#include "enroll/lang.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PUBLISHED 2 /* tm_mon: by March the Cabinet Office has published the coming year */

static const struct check_kind good = {CHECK_GREEN, "holidays", N_("Public holidays: {}"), NULL,
                                       NULL};
static const struct check_kind unusable = {
    CHECK_YELLOW, "holidays-unusable", N_("The file of public holidays cannot be used: {}"),
    N_("No exception can be registered whose working days have to be counted."),
    N_("Put the Cabinet Office's file (syukujitsu.csv) there, root's and writable by nobody "
       "else.")};
static const struct check_kind old = {
    CHECK_YELLOW, "holidays-old", N_("The file of public holidays has no days of the year {}"),
    N_("The holidays of that year would be counted as working days of an exception."),
    N_("Fetch the new file (syukujitsu.csv) of the Cabinet Office, which is out in February.")};

static bool is_trusted(int fd, char *why, size_t cap)
{
    struct stat st;
    bool trusted =
        fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 && (st.st_mode & 022) == 0;

    if (!trusted)
        snprintf(why, cap, "%s", _("not a plain file that only root may write"));
    return trusted;
}

static bool parse(int fd, struct holidays *h, char *why, size_t cap)
{
    uint8_t *text = malloc(HOLIDAYS_FILE_MAX);
    size_t line = 0;
    ssize_t len = text != NULL ? read(fd, text, HOLIDAYS_FILE_MAX) : -1;
    int err = HOLIDAYS_EMPTY;

    if (len < 0 || len == (ssize_t)HOLIDAYS_FILE_MAX)
        snprintf(why, cap, "%s", strerror(len < 0 ? errno : EFBIG));
    else if ((err = holidays_parse(text, (size_t)len, h, &line)) != HOLIDAYS_OK)
        snprintf(why, cap, _("line %1$zu: %2$s"), line, holidays_strerror(err));
    free(text);
    return err == HOLIDAYS_OK;
}

static bool read_file(const char *path, struct holidays *h, char *why, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    bool read;

    if (fd < 0) {
        snprintf(why, cap, "%s", strerror(errno));
        return false;
    }
    read = is_trusted(fd, why, cap) && parse(fd, h, why, cap);
    close(fd);
    return read;
}

/* The last year that the file should know by now. */
static int year_wanted(void)
{
    time_t now = time(NULL);
    struct tm tm = {0};

    localtime_r(&now, &tm);
    return tm.tm_year + 1900 + (tm.tm_mon >= PUBLISHED ? 1 : 0);
}

void check_holidays(struct check *c)
{
    const char *path = c->config_good ? check_setting(c, "holidays") : "";
    char subject[CHECK_TEXT_MAX], why[256] = "";
    struct holidays *h = calloc(1, sizeof(*h));
    int year = year_wanted();

    if (h == NULL || path[0] == '\0') {
        free(h);
        return;
    }
    if (!read_file(path, h, why, sizeof(why))) {
        snprintf(subject, sizeof(subject), "%s: %s", path, why);
        check_add(c, &unusable, subject);
    } else if (!holidays_know(h, year)) {
        snprintf(subject, sizeof(subject), "%d: %s", year, path);
        check_add(c, &old, subject);
    } else {
        check_add(c, &good, path);
    }
    free(h);
}
