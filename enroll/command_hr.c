/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the HR section.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter hr_check[] = {{"FILE", NULL, VALUE_FILE_IN, true},
                                            {"--encoding", "encoding", VALUE_TEXT, false}};
static const struct parameter hr_import[] = {{"FILE", NULL, VALUE_FILE_IN, true},
                                             {"--from", "from", VALUE_DATE, false},
                                             {"--partial", "partial", VALUE_FLAG, false},
                                             {"--dry-run", "dry-run", VALUE_FLAG, false},
                                             {"--encoding", "encoding", VALUE_TEXT, false}};

static const struct command rows[] = {
    {"hr", "check", NULL, enroll_hr_check, NULL, PARAMS(hr_check),
     N_("Look for errors in a CSV file of the HR section."),
     N_("Tells each error with its line and applies nothing. The file may be UTF-8 or CP932; "
        "--encoding utf-8 or cp932 says so where it is not recognised. The names of columns and "
        "the words for categories are in section [hr] of toyama.conf."),
     "toyama-enroll hr check 2027-04.csv"},
    {"hr", "import", "hr.apply", enroll_hr_import, NULL, PARAMS(hr_import),
     N_("Make the register say what a CSV file of the HR section says."),
     N_("The file lists everybody whom the HR section keeps: who is missing ends, but for support "
        "staff and contractors; --partial leaves them alone. --from is the day from which it "
        "holds; what is still to come is registered as planned. --dry-run shows each change and "
        "applies nothing. Where there is an error, nothing is applied. Asks first unless --yes is "
        "given."),
     "toyama-enroll hr import 2027-04.csv --from 2027-04-01 --dry-run"},
};

const struct command_group command_hr = GROUP(rows);
