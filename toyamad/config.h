/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's config, an INI file (toyama.conf(5)): the policy's keys and the broker's own. Anything
 * not understood is an error with file and line, and a host without a good config denies.
 */
#ifndef TOYAMA_TOYAMAD_CONFIG_H
#define TOYAMA_TOYAMAD_CONFIG_H

#include "core/policy/policy.h"
#include "toyamad/config_hr.h"
#include "toyamad/config_roster.h"

#include <limits.h>
#include <stdio.h>

#define CONFIG_DEFAULT_FILE "/etc/toyama/toyama.conf"
#define CONFIG_LINE_MAX     180 /* octets of a line; inih cuts longer ones silently */
#define CONFIG_USER_MAX     64
#define CONFIG_SOCKET_MAX   104 /* octets of a socket's path with its NUL (sockaddr_un) */

struct config {
    struct policy policy;
    struct config_hr hr;
    struct config_roster roster;
    char auth_socket[CONFIG_SOCKET_MAX];
    char admin_socket[CONFIG_SOCKET_MAX];
    char sensor_socket[CONFIG_SOCKET_MAX]; /* virtual_image; only with demo = yes */
    char admin_group[CONFIG_USER_MAX];     /* may use admin.sock, beside root, where it exists */
    char state[CONFIG_SOCKET_MAX];
    char card_worker[CONFIG_SOCKET_MAX];
    char finger_worker[CONFIG_SOCKET_MAX];
    char yubikey_worker[CONFIG_SOCKET_MAX];
    char yubikey_lock[CONFIG_SOCKET_MAX]; /* one process at a time uses a key of this host */
    char
        role_registrar[CONFIG_USER_MAX]; /* what people call the roles; "": the catalogue's words */
    char role_approver[CONFIG_USER_MAX], role_administrator[CONFIG_USER_MAX];
    char role_auditor[CONFIG_USER_MAX];
    char card_user[CONFIG_USER_MAX];
    char finger_user[CONFIG_USER_MAX];
    char yubikey_user[CONFIG_USER_MAX];
    char sync_user[CONFIG_USER_MAX]; /* may call the verbs sync.* of admin.sock, and no other */
};

/* Writes every fault it finds, one line each, to `faults`; false if there was one. The paths and
 * users of `config` are usable even then, so that the broker can say why it denies. */
bool config_load(struct config *config, const char *path, FILE *faults);
/* The effective values, "key = value" a line. */
void config_print(const struct config *config, FILE *out);

#endif
