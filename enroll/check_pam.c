/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/lang.h"
#include "enroll/pam_services.h"
#include "enroll/pam_walk.h"

#include "core/policy/policy.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>

static const struct check_kind good = {CHECK_GREEN, "pam", N_("PAM: these services ask us: {}"),
                                       NULL, NULL};
static const struct check_kind no_directory = {
    CHECK_RED, "pam-directory", N_("The directory {} cannot be read."),
    N_("How this host logs people in could not be checked."), N_("Run it again with sudo.")};
static const struct check_kind nowhere = {CHECK_RED, "pam-missing",
                                          N_("No service in {} asks pam_toyama.so."),
                                          N_("Logins on this host go on with the password alone."),
                                          N_("pam-auth-update --enable toyama")};
static const struct check_kind weak = {
    CHECK_RED, "pam-weak", N_("Our PAM line lets a login go on after a refusal: {}"),
    N_("sufficient, optional and default=ignore make card and finger an alternative to the "
       "password, not a condition."),
    N_("Write the control as [success=ok default=bad].")};
static const struct check_kind fragile = {
    CHECK_YELLOW, "pam-fragile", N_("Our PAM line is sufficient or optional: {}"),
    N_("Nothing goes around it today, but one line added behind it would."),
    N_("Write the control as [success=ok default=bad].")};
static const struct check_kind around[] = {
    {CHECK_YELLOW, "pam-around", N_("A PAM line can let a login through without us: {}"),
     N_("Card and finger are then not asked."),
     N_("Put [success=ok default=bad] pam_toyama.so before it, and let no line jump over ours.")},
    {CHECK_RED, "pam-around", N_("A PAM line can let a login through without us: {}"),
     N_("In the My Number zone clause 8(4)(d) demands IC card and fingerprint for every login and "
        "unlock."),
     N_("Put [success=ok default=bad] pam_toyama.so before it, and let no line jump over ours.")}};
static const struct check_kind other_service[] = {
    {CHECK_YELLOW, "pam-service", N_("These services log in without us: {}"),
     N_("Card and finger are not asked there."),
     N_("Add our lines to them, or delete the files of services that are not used.")},
    {CHECK_RED, "pam-service", N_("These services log in or unlock without us: {}"),
     N_("In the My Number zone clause 8(4)(d) demands IC card and fingerprint for every login and "
        "unlock."),
     N_("Add our lines to them, or delete the files of services that are not used.")}};
static const struct check_kind no_account[] = {
    {CHECK_YELLOW, "pam-account", N_("Our line is missing in the account part of: {}"),
     N_("Validity and stops are checked at the login only."),
     N_("Add: account [success=ok default=bad] pam_toyama.so")},
    {CHECK_RED, "pam-account", N_("Our line is missing in the account part of: {}"),
     N_("Logins that do not go through our authentication (ssh keys, for one) are then not "
        "refused."),
     N_("Add: account [success=ok default=bad] pam_toyama.so")}};
static const struct check_kind weak_account[] = {
    {CHECK_YELLOW, "pam-account-weak", N_("Our account line can be passed by after a refusal: {}"),
     N_("Logins that we refuse there go on."),
     N_("Write: account [success=ok default=bad] pam_toyama.so, before any line that jumps or is "
        "sufficient.")},
    {CHECK_RED, "pam-account-weak", N_("Our account line can be passed by after a refusal: {}"),
     N_("Logins that we refuse there go on."),
     N_("Write: account [success=ok default=bad] pam_toyama.so, before any line that jumps or is "
        "sufficient.")}};
static const struct check_kind syntax = {
    CHECK_RED, "pam-syntax", N_("A PAM file has a line that is not understood: {}"),
    N_("libpam denies, or skips the line; nothing more can be said of this service."),
    N_("Correct the line; pam.d(5) describes it.")};
static const struct check_kind complex = {
    CHECK_YELLOW, "pam-complex", N_("These PAM services are too intricate to be judged: {}"),
    N_("A way around our line may exist."), N_("Make their stacks simpler.")};
static const struct check_kind break_glass = {
    CHECK_GREEN, "break-glass", N_("Break-glass: members of {} log in without card and finger."),
    NULL, NULL};
static const struct check_kind break_glass_strict = {
    CHECK_YELLOW, "break-glass-strict",
    N_("Break-glass: members of {} log in without card and finger."),
    N_("In the My Number zone this is an exception that must be approved and filed."),
    N_("Keep the approval with the other exceptions; keep the group small and its passwords "
       "sealed.")};
static const struct check_kind no_break_glass_strict = {
    CHECK_GREEN, "break-glass",
    N_("No break-glass line, as the My Number zone demands: the way back in is rescue mode."), NULL,
    NULL};
static const struct check_kind no_break_glass = {
    CHECK_YELLOW, "break-glass-missing", N_("There is no break-glass line."),
    N_("If reader, sensor or broker fail, nobody can log in to mend them."),
    N_("See \"Break-glass\" in pam_toyama(8): a pam_succeed_if.so line for one local group.")};
static const struct check_kind empty_group = {
    CHECK_YELLOW, "break-glass-group", N_("The break-glass group {} is missing or has no members."),
    N_("If reader, sensor or broker fail, nobody can log in to mend them."),
    N_("groupadd --system {}; usermod -aG {} USER")};

/* Services that have the same fault, to be told in one finding. */
struct pam {
    struct check *c;
    char ours[CHECK_TEXT_MAX];
    char others[CHECK_TEXT_MAX];  /* without us, but the account part refuses */
    char lockers[CHECK_TEXT_MAX]; /* without us, and nothing else stops them */
    char account[CHECK_TEXT_MAX];
    char intricate[CHECK_TEXT_MAX];
    char group[64];
    bool has_group;
};

/* One finding a line of a file, however many services include it: "common-auth:17 pam_unix.so
 * (login, su)". */
static void add_line(struct check *c, const struct check_kind *kind, const struct pam_line *line,
                     const char *service)
{
    char place[CHECK_TEXT_MAX];
    size_t len = (size_t)snprintf(place, sizeof(place), "%s:%u %s (", line->file, line->number,
                                  line->module);

    for (size_t n = 0; n < c->count; n++) {
        char *subject = c->finding[n].subject;
        size_t used = strlen(subject);
        if (c->finding[n].kind == kind && strncmp(subject, place, len) == 0) {
            snprintf(subject + used - 1, CHECK_TEXT_MAX - used + 1, ", %s)", service);
            return;
        }
    }
    snprintf(place + len, sizeof(place) - len, "%s)", service);
    check_add(c, kind, place);
}

/* A failure of our line is let through: is it the line itself, or a way around it? */
static void judge_auth(struct pam *p, const char *service, const struct pam_stack *stack)
{
    const struct pam_line *ours = pam_walk_ours(stack, PAM_TYPE_AUTH);
    struct pam_dispatch now, strict;
    int err = pam_walk(stack, PAM_TYPE_AUTH, false, &now);

    if (err == PAM_DISPATCH_OK)
        err = pam_walk(stack, PAM_TYPE_AUTH, true, &strict);
    if (err != PAM_DISPATCH_OK)
        check_append(p->intricate, service);
    else if (strict.granted)
        add_line(p->c, &around[p->c->strict], strict.by != NULL ? strict.by : ours, service);
    else if (now.granted)
        add_line(p->c, &weak, ours, service);
    else if (ours->sufficient)
        add_line(p->c, &fragile, ours, service);
}

static void judge_account(struct pam *p, const char *service, const struct pam_stack *stack)
{
    const struct pam_line *ours = pam_walk_ours(stack, PAM_TYPE_ACCOUNT);
    struct pam_dispatch now;

    if (ours == NULL)
        check_append(p->account, service);
    else if (pam_walk(stack, PAM_TYPE_ACCOUNT, false, &now) != PAM_DISPATCH_OK)
        check_append(p->intricate, service);
    else if (now.granted)
        add_line(p->c, &weak_account[p->c->strict], ours, service);
}

/* A service without our line matters where it can be passed and nothing else stops it. */
static void judge_other(struct pam *p, const char *service, const struct pam_stack *stack)
{
    struct pam_dispatch auth, account = {0};
    bool guarded;

    if (pam_walk(stack, PAM_TYPE_AUTH, true, &auth) != PAM_DISPATCH_OK || !auth.granted)
        return;
    guarded = pam_walk_ours(stack, PAM_TYPE_ACCOUNT) != NULL &&
              pam_walk(stack, PAM_TYPE_ACCOUNT, false, &account) == PAM_DISPATCH_OK &&
              !account.granted;
    check_append(guarded && !pam_services_locker(service) ? p->others : p->lockers, service);
}

static void look_for_group(struct pam *p, const struct pam_stack *stack)
{
    for (size_t n = 0; n < stack->count && !p->has_group; n++)
        p->has_group = pam_walk_break_glass(&stack->line[n], p->group, sizeof(p->group));
}

static bool is_exempt(const struct check *c, const char *service)
{
    const char *list = "cron atd runuser runuser-l systemd-user";

    if (c->config_good)
        list = check_setting(c, "account_exempt");
    return policy_listed(list, service) || pam_services_greeter(service);
}

static void add_syntax(struct check *c, const struct pam_stack *stack)
{
    char place[CHECK_TEXT_MAX];

    snprintf(place, sizeof(place), "%s:%u", stack->bad_file, stack->bad_line);
    for (size_t n = 0; n < c->count; n++)
        if (c->finding[n].kind == &syntax && strcmp(c->finding[n].subject, place) == 0)
            return;
    check_add(c, &syntax, place);
}

static void judge_service(void *context, const char *service, const struct pam_stack *stack,
                          int err)
{
    struct pam *p = context;
    bool ours = pam_walk_ours(stack, PAM_TYPE_AUTH) != NULL;

    if (err != PAM_PARSE_OK && (ours || err == PAM_PARSE_SYNTAX))
        add_syntax(p->c, stack);
    if (!pam_walk_has_type(stack, PAM_TYPE_AUTH))
        return;
    if (ours) {
        check_append(p->ours, service);
        look_for_group(p, stack);
        judge_auth(p, service, stack);
        judge_account(p, service, stack);
    } else if (!is_exempt(p->c, service)) {
        judge_other(p, service, stack);
    }
}

static bool group_has_members(const char *name)
{
    static char buf[65536];
    struct group group, *found = NULL;

    return getgrnam_r(name, &group, buf, sizeof(buf), &found) == 0 && found != NULL &&
           group.gr_mem[0] != NULL;
}

static void tell_break_glass(struct pam *p)
{
    if (!p->has_group) {
        check_add(p->c, p->c->strict ? &no_break_glass_strict : &no_break_glass, "");
        return;
    }
    check_add(p->c, p->c->strict ? &break_glass_strict : &break_glass, p->group);
    if (!group_has_members(p->group))
        check_add(p->c, &empty_group, p->group);
}

static void tell_lists(struct pam *p)
{
    struct check *c = p->c;

    if (p->account[0] != '\0')
        check_add(c, &no_account[c->strict], p->account);
    if (p->lockers[0] != '\0')
        check_add(c, &other_service[c->strict], p->lockers);
    if (p->others[0] != '\0')
        check_add(c, &other_service[0], p->others);
    if (p->intricate[0] != '\0')
        check_add(c, &complex, p->intricate);
}

void check_pam(struct check *c)
{
    struct pam p = {.c = c};
    const char *dir = c->session->opt.pam_dir;

    if (!pam_services_each(dir, judge_service, &p)) {
        check_add(c, &no_directory, dir);
    } else if (p.ours[0] == '\0') {
        check_add(c, &nowhere, dir);
    } else {
        check_add(c, &good, p.ours);
        tell_lists(&p);
        tell_break_glass(&p);
    }
}
