/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes as people type them: an input method may be on, so letters, digits and hyphens may come at
 * full width. Inside core/roster only.
 */
#ifndef TOYAMA_CORE_ROSTER_TYPED_H
#define TOYAMA_CORE_ROSTER_TYPED_H

enum { TYPED_END = 0, TYPED_BAD = -1 };

/* The next digit or letter as upper-case ASCII, behind hyphens and blanks of any kind; TYPED_BAD
 * for another character, which is not passed. */
int typed_next(const char **text);

#endif
