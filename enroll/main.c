/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/enroll.h"
#include "enroll/help.h"
#include "enroll/interrupt.h"
#include "enroll/report.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static struct session session;

static int refuse_arguments(int err)
{
    char text[REPORT_TEXT_MAX];
    struct report r;

    options_explain(err, &session.opt, text, sizeof(text));
    r = report_make(EX_USAGE, "usage", text, "");
    report_failure(&session, &r);
    if (!session.opt.json)
        fprintf(stderr, "%s\n", _("\"toyama-enroll --help\" shows what there is."));
    return EX_USAGE;
}

static int print_version(void)
{
    printf("toyama-enroll %s\n", TOYAMA_VERSION);
    return EX_OK;
}

static int run(int argc, char **argv)
{
    int err = options_parse(argc, argv, &session.opt);

    lang_choose(session.opt.lang, session.opt.localedir);
    if (err != OPTIONS_OK)
        return refuse_arguments(err);
    if (session.opt.version)
        return print_version();
    if (session.opt.help) {
        help_print(&session.opt);
        return EX_OK;
    }
    return session.opt.command->run(&session);
}

int main(int argc, char **argv)
{
    int exit;

    interrupt_install();
    exit = run(argc, argv);
    if (fflush(stdout) != 0 && exit == EX_OK)
        exit = EX_IOERR;
    interrupt_finish();
    return exit;
}
