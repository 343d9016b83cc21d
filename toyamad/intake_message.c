/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said where a roster is not taken.
 */
#include "toyamad/intake.h"

static const struct {
    const char *word;
    const char *msg;
} table[INTAKE_ERRORS] = {
    [INTAKE_OK] = {"ok", NULL},
    [INTAKE_DAMAGED] = {"damaged", "H20"},
    [INTAKE_KEY] = {"key", "H21"},
    [INTAKE_SIGNATURE] = {"signature", "H08"},
    [INTAKE_SIGNER] = {"signer", "H22"},
    [INTAKE_UNAPPROVED] = {"unapproved", "H23"},
    [INTAKE_OWN_CHANGE] = {"own-change", "H24"},
    [INTAKE_OFFICES] = {"offices", "H43"},
    [INTAKE_ZONE] = {"zone", "H10"},
    [INTAKE_OLD] = {"old", "H09"},
    [INTAKE_SAME] = {"same", "H25"},
    [INTAKE_CHAIN] = {"chain", "H26"},
    [INTAKE_GAP] = {"gap", "H27"},
    [INTAKE_AGED] = {"aged", "H28"},
    [INTAKE_FUTURE] = {"future", "H29"},
    [INTAKE_CLASH] = {"clash", "H20"},
    [INTAKE_STORE] = {"store", "H40"},
    [INTAKE_FAILED] = {"failed", "H40"},
    [INTAKE_UNREADABLE] = {"unreadable", NULL},
};

const char *intake_word(int err)
{
    return err >= 0 && err < INTAKE_ERRORS ? table[err].word : "unknown";
}

static void add_zone(struct args *args, const char *zone)
{
    args_add(args, "zone", policy_zone_parse(zone) != ZONE_NONE ? ARG_ZONE : ARG_TEXT, zone);
}

const char *intake_message(const struct intake *in, struct broker *b, int err, struct args *args)
{
    *args = (struct args){0};
    if (err < 0 || err >= INTAKE_ERRORS)
        return NULL;
    switch ((enum intake_err)err) {
    case INTAKE_ZONE:
        add_zone(args, in->from_file ? in->head.zone : in->payload.zone);
        break;
    case INTAKE_OLD:
    case INTAKE_SAME:
    case INTAKE_CHAIN:
    case INTAKE_GAP:
        args_add_number(args, "number", (unsigned long)b->registry.issue.number);
        break;
    case INTAKE_AGED:
        args_add_number(args, "days", b->config.policy.roster_refuse);
        break;
    case INTAKE_OK:
    case INTAKE_DAMAGED:
    case INTAKE_KEY:
    case INTAKE_SIGNATURE:
    case INTAKE_SIGNER:
    case INTAKE_UNAPPROVED:
    case INTAKE_OWN_CHANGE:
    case INTAKE_OFFICES:
    case INTAKE_FUTURE:
    case INTAKE_CLASH:
    case INTAKE_STORE:
    case INTAKE_FAILED:
    case INTAKE_UNREADABLE:
    case INTAKE_ERRORS:
    default:
        break;
    }
    return table[err].msg;
}
