/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the files of make_corpus.
 */
#ifndef TOYAMA_TESTS_FUZZ_MAKE_CORPUS_H
#define TOYAMA_TESTS_FUZZ_MAKE_CORPUS_H

#include <stddef.h>

/* Writes one input of a target. */
void corpus_save(const char *target, const char *name, const void *data, size_t len);
void corpus_station(void);

#endif
