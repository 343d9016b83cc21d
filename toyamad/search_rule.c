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

enum search_verdict search_rule_verdict(const struct search_confirm *confirm)
{
    if (confirm->hits >= SEARCH_CONFIRM_HITS)
        return SEARCH_SAME;
    if (confirm->misses >= SEARCH_CONFIRM_MISS)
        return SEARCH_DIFFERENT;
    return confirm->strange >= SEARCH_STRANGE_MAX ? SEARCH_UNCERTAIN : SEARCH_AGAIN;
}
