/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/lang.h"
#include "enroll/pam_walk.h"

#include "core/policy/policy.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check_kind good = {
    CHECK_GREEN, "sudo", N_("sudo: shows our messages, asks each time where the zone wants it"),
    NULL, NULL};
static const struct check_kind silent = {
    CHECK_YELLOW, "sudo-silent", N_("sudo hides our messages (PAM_SILENT): {}"),
    N_("People are not told to place the card and wait for a password prompt."),
    N_("Add silent=ignore to the auth line of pam_toyama.so; sudo 1.9.16 and later can do it with "
       "Defaults !pam_silent instead.")};
static const struct check_kind cached = {
    CHECK_YELLOW, "sudo-cached", N_("sudo remembers an authentication for some minutes: {}"),
    N_("Card and finger are not asked again in that time."),
    N_("Add to a file in {}.d: Defaults timestamp_timeout=0")};

struct sudoers {
    bool loud;     /* !pam_silent */
    bool no_cache; /* timestamp_timeout=0 */
};

/* sudo takes the last line that names it; fractions of a minute are a cache, too. */
static bool sets_no_cache(const char *text)
{
    static const char key[] = "timestamp_timeout=";
    const char *at = strstr(text, key);
    char *end = NULL;

    return at != NULL && strtod(at + sizeof(key) - 1, &end) == 0.0 && end != at + sizeof(key) - 1;
}

static void take_line(struct sudoers *s, char *line)
{
    char *text = line + strspn(line, " \t");

    text[strcspn(text, "#\n")] = '\0';
    if (strncmp(text, "Defaults", 8) != 0)
        return;
    s->loud = s->loud || strstr(text, "!pam_silent") != NULL;
    if (strstr(text, "timestamp_timeout") != NULL)
        s->no_cache = sets_no_cache(text);
}

static void read_file(struct sudoers *s, const char *path)
{
    char line[1024];
    FILE *in = fopen(path, "re");

    if (in == NULL)
        return;
    while (fgets(line, sizeof(line), in) != NULL)
        take_line(s, line);
    fclose(in);
}

/* sudo skips names with a dot or a trailing tilde (sudoers(5), @includedir). */
static int is_drop_in(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return strchr(entry->d_name, '.') == NULL && entry->d_name[len - 1] != '~';
}

static void read_all(struct sudoers *s, const char *path)
{
    char dir[4096], file[4096 + 256];
    struct dirent **entry = NULL;
    int count;

    read_file(s, path);
    snprintf(dir, sizeof(dir), "%s.d", path);
    count = scandir(dir, &entry, is_drop_in, alphasort);
    for (int n = 0; n < count; n++) {
        snprintf(file, sizeof(file), "%s/%s", dir, entry[n]->d_name);
        read_file(s, file);
        free(entry[n]);
    }
    free(entry);
}

/* "silent=ignore" on our line shows the messages in spite of sudo. */
static bool overrides_silence(const struct pam_line *ours)
{
    return policy_listed(ours->args, "silent=ignore");
}

static void judge(struct check *c, const struct pam_line *ours)
{
    const char *path = c->session->opt.sudoers;
    struct sudoers s = {0};
    size_t before = c->count;

    read_all(&s, path);
    if (!s.loud && !overrides_silence(ours))
        check_add(c, &silent, path);
    if (!s.no_cache && c->strict)
        check_add(c, &cached, path);
    if (c->count == before)
        check_add(c, &good, path);
}

void check_sudo(struct check *c)
{
    struct pam_stack stack = {0};
    const struct pam_line *ours;

    pam_parse_service(c->session->opt.pam_dir, "sudo", &stack);
    ours = pam_walk_ours(&stack, PAM_TYPE_AUTH);
    if (ours != NULL)
        judge(c, ours);
    pam_parse_free(&stack);
}
