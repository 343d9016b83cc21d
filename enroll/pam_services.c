/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_services.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FRAGMENTS_MAX 64

struct fragments {
    size_t count;
    char name[FRAGMENTS_MAX][PAM_PARSE_FILE_MAX];
};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);

    return len >= n && strcmp(text + len - n, end) == 0;
}

static bool is_leftover(const char *name)
{
    return name[0] == '.' || ends_with(name, "~") || ends_with(name, ".pam-old") ||
           ends_with(name, ".rpmnew") || ends_with(name, ".rpmsave") ||
           strstr(name, ".dpkg-") != NULL || strstr(name, ".ucf-") != NULL;
}

static int is_wanted(const struct dirent *entry)
{
    return !is_leftover(entry->d_name) && strncmp(entry->d_name, "common-", 7) != 0 &&
           strlen(entry->d_name) < PAM_PARSE_FILE_MAX;
}

static void remember(void *context, const char *file)
{
    struct fragments *f = context;
    const char *slash = strrchr(file, '/');

    if (f->count < FRAGMENTS_MAX)
        snprintf(f->name[f->count++], PAM_PARSE_FILE_MAX, "%s", slash != NULL ? slash + 1 : file);
}

/* A file that another service includes and that looks like a service itself is still one: only
 * names that no program asks for are fragments. */
static bool is_fragment(const struct fragments *f, const char *name)
{
    static const char *const services[] = {"login", "su", "sudo", "sshd", "other"};

    for (size_t n = 0; n < sizeof(services) / sizeof(services[0]); n++)
        if (strcmp(services[n], name) == 0)
            return false;
    for (size_t n = 0; n < f->count; n++)
        if (strcmp(f->name[n], name) == 0)
            return true;
    return false;
}

static bool is_file(const char *dir, const char *name)
{
    char path[4096];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void collect_fragments(const char *dir, struct dirent **entry, int count,
                              struct fragments *out)
{
    for (int n = 0; n < count; n++) {
        struct pam_stack stack = {.included = remember, .context = out};
        if (is_file(dir, entry[n]->d_name))
            pam_parse_service(dir, entry[n]->d_name, &stack);
        pam_parse_free(&stack);
    }
}

static void visit(const char *dir, const char *name, pam_services_function *function, void *context)
{
    struct pam_stack stack = {0};
    int err = pam_parse_service(dir, name, &stack);

    function(context, name, &stack, err);
    pam_parse_free(&stack);
}

bool pam_services_each(const char *dir, pam_services_function *function, void *context)
{
    struct fragments *fragments = calloc(1, sizeof(*fragments));
    struct dirent **entry = NULL;
    int count = scandir(dir, &entry, is_wanted, alphasort);
    bool good = count >= 0 && fragments != NULL;

    if (good)
        collect_fragments(dir, entry, count, fragments);
    for (int n = 0; n < count; n++) {
        const char *name = entry[n]->d_name;
        if (good && is_file(dir, name) && !is_fragment(fragments, name))
            visit(dir, name, function, context);
        free(entry[n]);
    }
    free(entry);
    free(fragments);
    return good;
}

bool pam_services_locker(const char *service)
{
    static const char *const lockers[] = {
        "kde",
        "kde-fingerprint",
        "kde-smartcard",
        "kscreensaver",
        "vlock",
        "swaylock",
        "i3lock",
        "xscreensaver",
        "xsecurelock",
        "hyprlock",
        "cinnamon-screensaver",
        "mate-screensaver",
        "light-locker",
        "physlock",
        "xlock",
        "gtklock",
    };

    for (size_t n = 0; n < sizeof(lockers) / sizeof(lockers[0]); n++)
        if (strcmp(lockers[n], service) == 0)
            return true;
    return false;
}

bool pam_services_greeter(const char *service)
{
    return ends_with(service, "-greeter") || strcmp(service, "gdm-launch-environment") == 0 ||
           strcmp(service, "greetd-greeter") == 0;
}
