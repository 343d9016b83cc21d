/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that toyama trusts: opened without following links, root-owned, regular, private.
 */
#ifndef TOYAMA_TOYAMAD_FILE_H
#define TOYAMA_TOYAMAD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Opens for reading. `forbidden` are mode bits that must not be set (022: not writable by others;
 * 077: private). Returns the descriptor or -1 with a reason that names the file. */
int file_open_trusted(const char *path, mode_t forbidden, char *why, size_t whycap);
/* Reads at most `cap` octets of a trusted, private file. */
bool file_read_private(const char *path, uint8_t *buf, size_t cap, size_t *len, char *why,
                       size_t whycap);
/* The same of one that others may read, but not write. */
bool file_read_trusted(const char *path, uint8_t *buf, size_t cap, size_t *len, char *why,
                       size_t whycap);
/* Creates a new file of mode 0600 and syncs it and its directory. */
bool file_create_private(const char *path, const void *data, size_t len, char *why, size_t whycap);
/* The same in the place of a file that is there: whoever looks sees the one or the other, whole. */
bool file_replace_private(const char *path, const void *data, size_t len, char *why, size_t whycap);
/* Puts a file in the place of another, on the disk, too. */
bool file_take_place(const char *from, const char *to, char *why, size_t whycap);
/* The directory and its parents belong to root and nobody else can write there. */
bool file_directory_trusted(const char *path, char *why, size_t whycap);

#endif
