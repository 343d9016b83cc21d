/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/enroll/pam_files.h"

#include "tests/unit/enroll/unit.h"

#include <dirent.h>
#include <unistd.h>

void pam_files_make(struct pam_files *f)
{
    snprintf(f->dir, sizeof(f->dir), "/tmp/toyama-pam.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
}

void pam_files_write(const struct pam_files *f, const char *name, const char *text)
{
    char path[256];
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s", f->dir, name);
    out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int is_own(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

void pam_files_remove(struct pam_files *f)
{
    struct dirent **entry = NULL;
    char path[512];
    int count = scandir(f->dir, &entry, is_own, alphasort);

    assert_true(count >= 0);
    for (int n = 0; n < count; n++) {
        snprintf(path, sizeof(path), "%s/%s", f->dir, entry[n]->d_name);
        unlink(path);
        free(entry[n]);
    }
    free(entry);
    assert_int_equal(rmdir(f->dir), 0);
}
