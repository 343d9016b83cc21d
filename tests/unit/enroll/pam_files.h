/* SPDX-License-Identifier: Apache-2.0
 *
 * A private directory of PAM files.
 */
#ifndef TOYAMA_TESTS_UNIT_ENROLL_PAM_FILES_H
#define TOYAMA_TESTS_UNIT_ENROLL_PAM_FILES_H

struct pam_files {
    char dir[64];
};

void pam_files_make(struct pam_files *f);
void pam_files_write(const struct pam_files *f, const char *name, const char *text);
/* Removes the files and the directory. */
void pam_files_remove(struct pam_files *f);

#endif
