/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/search_rule.h"

bool search_rule_alike(const struct finger_hit *hit, uint32_t presses, uint32_t prints)
{
    return hit->presses > 0 && hit->presses * 100 >= presses * SEARCH_ALIKE_PRESSES &&
           hit->pairs * 100 >= presses * prints * SEARCH_ALIKE_PAIRS;
}

bool search_rule_firm(uint32_t pairs, uint32_t presses, uint32_t prints)
{
    return pairs > 0 && pairs * 100 >= FINGER_QUARTERS * presses * prints * SEARCH_FIRM_PAIRS;
}

bool search_rule_alone(const struct finger_hit *hit, uint32_t firm, uint32_t presses,
                       uint32_t prints)
{
    const uint32_t all = presses * prints;

    return all > 0 && hit->pairs * 100 >= all * SEARCH_ALONE_PAIRS &&
           firm * 100 >= FINGER_QUARTERS * all * SEARCH_ALONE_FIRM;
}

static enum search_verdict verdict(const struct search_confirm *confirm, unsigned hits,
                                   unsigned misses)
{
    if (confirm->hits >= hits)
        return SEARCH_SAME;
    if (confirm->misses >= misses)
        return SEARCH_DIFFERENT;
    return confirm->strange >= SEARCH_STRANGE_MAX ? SEARCH_UNCERTAIN : SEARCH_AGAIN;
}

enum search_verdict search_rule_verdict(const struct search_confirm *confirm)
{
    return verdict(confirm, SEARCH_CONFIRM_HITS, SEARCH_CONFIRM_MISS);
}

enum search_verdict search_rule_second(const struct search_confirm *confirm)
{
    return verdict(confirm, SEARCH_SECOND_HITS, SEARCH_SECOND_MISS);
}
