/* SPDX-License-Identifier: Apache-2.0
 *
 * Where things are on an installed host. TOYAMA_TOYAMAD and TOYAMA_LOCALEDIR come from the build.
 */
#ifndef TOYAMA_ENROLL_PATHS_H
#define TOYAMA_ENROLL_PATHS_H

#define PATHS_CONFIG    "/etc/toyama/toyama.conf"
#define PATHS_TOYAMAD   TOYAMA_TOYAMAD
#define PATHS_LOCALEDIR TOYAMA_LOCALEDIR
#define PATHS_PAM_DIR   "/etc/pam.d"
#define PATHS_SUDOERS   "/etc/sudoers"
#define PATHS_ADMIN     "/run/toyama/admin.sock"
#define PATHS_STATE     "/var/lib/toyama"

#endif
