/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/enroll_rule.h"

static size_t group_size(const struct enroll_rule *rule, size_t group)
{
    size_t size = 0;

    for (size_t n = 0; n < rule->kept; n++)
        if (rule->group[n] == group)
            size++;
    return size;
}

static size_t largest_group(const struct enroll_rule *rule)
{
    size_t best = 0;

    for (size_t n = 1; n < rule->kept; n++)
        if (group_size(rule, n) > group_size(rule, best))
            best = n;
    return best;
}

static size_t rival_size(const struct enroll_rule *rule)
{
    size_t largest = largest_group(rule);
    size_t rival = 0;

    for (size_t n = 0; n < rule->kept; n++)
        if (n != largest && group_size(rule, n) > rival)
            rival = group_size(rule, n);
    return rival;
}

void enroll_rule_begin(struct enroll_rule *rule)
{
    *rule = (struct enroll_rule){.wanted = ENROLL_GROWN + ENROLL_CONFIRM};
}

size_t enroll_rule_size(const struct enroll_rule *rule)
{
    return rule->kept == 0 ? 0 : group_size(rule, largest_group(rule));
}

bool enroll_rule_chosen(const struct enroll_rule *rule, size_t n)
{
    return n < rule->kept && rule->group[n] == largest_group(rule);
}

static enum enroll_verdict count_bad(struct enroll_rule *rule, enum enroll_verdict verdict)
{
    if (++rule->bad >= ENROLL_BAD_MAX)
        return ENROLL_GIVEN_UP;
    return verdict;
}

enum enroll_verdict enroll_rule_unread(struct enroll_rule *rule)
{
    return count_bad(rule, ENROLL_NOISE);
}

static enum enroll_verdict press_foreign(struct enroll_rule *rule, int foreign)
{
    for (size_t n = 0; n < rule->foreigns; n++)
        if (rule->foreign[n] == foreign)
            return ENROLL_DUPLICATE;
    if (rule->foreigns < ENROLL_BAD_MAX)
        rule->foreign[rule->foreigns++] = foreign;
    return count_bad(rule, ENROLL_FOREIGN);
}

static bool keep(struct enroll_rule *rule, int sample)
{
    size_t n = rule->kept;

    if (n >= ENROLL_KEPT_MAX || sample >= (int)n)
        return false;
    rule->group[n] = sample < 0 ? n : rule->group[sample];
    rule->kept++;
    return true;
}

static enum enroll_verdict press_apart(struct enroll_rule *rule)
{
    if (rival_size(rule) >= ENROLL_RIVAL_MAX)
        return ENROLL_GIVEN_UP;
    if (enroll_rule_size(rule) >= ENROLL_GROWN && rule->wanted < ENROLL_SAMPLES_MAX)
        rule->wanted++;
    return count_bad(rule, ENROLL_APART);
}

enum enroll_verdict enroll_rule_press(struct enroll_rule *rule, const struct enroll_press *press)
{
    if (press->minutiae < ENROLL_MINUTIAE_MIN || press->minutiae > ENROLL_MINUTIAE_MAX ||
        press->repeated)
        return count_bad(rule, ENROLL_NOISE);
    if (press->foreign >= 0)
        return press_foreign(rule, press->foreign);
    if (!keep(rule, press->sample))
        return ENROLL_GIVEN_UP;
    if (!enroll_rule_chosen(rule, rule->kept - 1))
        return press_apart(rule);
    return enroll_rule_size(rule) >= rule->wanted ? ENROLL_COMPLETE : ENROLL_TAKEN;
}
