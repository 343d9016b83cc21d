/* SPDX-License-Identifier: Apache-2.0
 *
 * One line a cause on standard error, which the broker puts into its journal. Never a PIN, a
 * digest or an APDU.
 */
#ifndef TOYAMA_CARDREADER_LOG_H
#define TOYAMA_CARDREADER_LOG_H

void card_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
