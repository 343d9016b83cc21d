/* SPDX-License-Identifier: Apache-2.0
 *
 * One line a cause, on standard error with the journal's level prefix (sd-daemon(3)). Never a
 * secret, never a PIN, never a template.
 */
#ifndef TOYAMA_TOYAMAD_LOG_H
#define TOYAMA_TOYAMAD_LOG_H

#define LOG_VALUE_MAX 192

/* A value of a key=value line: as it is where it is plain, else in quotation marks, so that a name
 * which a caller made up cannot look like another key. Returns `out`. */
const char *log_value(const char *value, char out[LOG_VALUE_MAX]);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
