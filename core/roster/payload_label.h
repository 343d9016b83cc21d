/* SPDX-License-Identifier: Apache-2.0
 *
 * What a payload begins with. Inside core/roster only.
 */
#ifndef TOYAMA_CORE_ROSTER_PAYLOAD_LABEL_H
#define TOYAMA_CORE_ROSTER_PAYLOAD_LABEL_H

#define ROSTER_PAYLOAD_VERSION 1
#define ROSTER_PAYLOAD_LABEL   "toyama roster"

#endif
