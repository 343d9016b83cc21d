/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX 4096

/* A policy that was accepted asks what its clause asks, and its numbers are in their limits. */
static void check_accepted(const struct policy *p)
{
    fuzz_require(policy_clause_allows(p->zone, p->require));
    fuzz_require(!p->tap || policy_tap_allowed(p->zone));
    fuzz_require((p->require & FACTOR_TOKEN) == 0 || p->shared_keys);
    fuzz_require(p->total >= 1 && p->total <= 90 && p->finger_tries >= 1 && p->lock_after >= 1);
    fuzz_require(p->finger_presses == 1 || p->finger_presses == 2);
    fuzz_require(memchr(p->sensors, '\0', sizeof(p->sensors)) != NULL);
    fuzz_require(p->zone != ZONE_INDIVIDUAL_NUMBER || p->sensors[0] != '\0');
    fuzz_require(p->demo || strstr(p->sensors, "virtual_") == NULL ||
                 !policy_listed(p->sensors, "virtual_image"));
    fuzz_require(!policy_listed(p->sensors, "aes3500") && !policy_listed(p->sensors, "aes4000"));
}

/* Lines of key=value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX], why[64], *save = NULL;
    struct policy p;

    if (size >= sizeof(text))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    policy_init(&p);
    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, '=');
        if (value == NULL)
            return 0;
        *value++ = '\0';
        fuzz_require((policy_set(&p, line, value, why, sizeof(why)) == POLICY_KEY) !=
                     policy_knows(line));
    }
    if (policy_finish(&p, why, sizeof(why)) == POLICY_OK)
        check_accepted(&p);
    return 0;
}
