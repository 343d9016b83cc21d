/* SPDX-License-Identifier: Apache-2.0
 *
 * What the protocols of core/proof have in common. Each is begin, then one check: the broker draws
 * the challenge, the card or token answers it through a worker, and the check compares with what
 * was enrolled. A challenge is spent by its first answer, whatever that was.
 */
#ifndef TOYAMA_CORE_PROOF_PROOF_H
#define TOYAMA_CORE_PROOF_PROOF_H

enum proof_err {
    PROOF_OK = 0,
    PROOF_REFUSED = -1, /* the answer does not verify under any enrolled key */
    PROOF_STATE = -2,   /* step without begin, or a second answer */
    PROOF_FAILED = -3   /* random source or library */
};

#endif
