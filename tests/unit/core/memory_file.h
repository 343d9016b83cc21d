/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed files in memory: a source and a sink that count their calls and can fail at one of them.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_MEMORY_FILE_H
#define TOYAMA_TESTS_UNIT_CORE_MEMORY_FILE_H

#include "core/crypto/cms.h"

struct memory_file {
    uint8_t *octets; /* owned */
    size_t len, cap;
    size_t calls, fail_at; /* the call number that fails; 0: none */
    size_t longest;        /* octets of the longest call */
    size_t change_at;      /* the read number after which octet 0 is another; 0: never */
};

struct cms_source memory_source(struct memory_file *file);
struct cms_sink memory_sink(struct memory_file *file);
void memory_put(struct memory_file *file, const void *octets, size_t len);
void memory_free(struct memory_file *file);

#endif
