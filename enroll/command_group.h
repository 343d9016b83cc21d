/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts that the table of commands is put together from: one file for nouns that belong
 * together. Only command.c and those files include this.
 */
#ifndef TOYAMA_ENROLL_COMMAND_GROUP_H
#define TOYAMA_ENROLL_COMMAND_GROUP_H

#include "enroll/command.h"

struct command_group {
    const struct command *row;
    size_t rows;
};

#define PARAMS(table) table, sizeof(table) / sizeof((table)[0])
#define NO_PARAMS     NULL, 0
#define GROUP(table)                                                                               \
    {                                                                                              \
        table, sizeof(table) / sizeof((table)[0])                                                  \
    }

extern const struct command_group command_stock, command_outside;
extern const struct command_group command_amend, command_host, command_person, command_card;
extern const struct command_group command_hr, command_operator, command_station, command_roster;

#endif
