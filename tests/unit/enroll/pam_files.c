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

void pam_files_remove(struct pam_files *f)
{
    char path[512];
    const struct dirent *entry;
    DIR *dir = opendir(f->dir);

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", f->dir, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(path);
    }
    closedir(dir);
    assert_int_equal(rmdir(f->dir), 0);
}
