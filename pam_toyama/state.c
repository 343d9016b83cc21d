/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/state.h"

#include <stdlib.h>
#include <string.h>

#include "core/wire/wipe.h"

#define STATE_KEY "toyama-state"

struct state {
    bool granted;
    bool has_ticket;
    uint8_t ticket[AUTH_TICKET_LEN];
    char user[AUTH_NAME_MAX];
};

static void destroy(pam_handle_t *pamh, void *data, int status)
{
    (void)pamh;
    (void)status;
    wire_wipe(data, sizeof(struct state));
    free(data);
}

static const struct state *find(pam_handle_t *pamh)
{
    const void *data = NULL;

    return pam_get_data(pamh, STATE_KEY, &data) == PAM_SUCCESS ? data : NULL;
}

static bool put(pam_handle_t *pamh, struct state *state)
{
    if (state == NULL)
        return false;
    if (pam_set_data(pamh, STATE_KEY, state, destroy) == PAM_SUCCESS)
        return true;
    destroy(pamh, state, 0);
    return false;
}

bool state_begin(pam_handle_t *pamh)
{
    return put(pamh, calloc(1, sizeof(struct state)));
}

bool state_grant(pam_handle_t *pamh, const char *user, const uint8_t *ticket)
{
    struct state *state = calloc(1, sizeof(*state));
    size_t len = strlen(user);

    if (state == NULL || len >= sizeof(state->user)) {
        free(state);
        return false;
    }
    state->granted = true;
    memcpy(state->user, user, len + 1);
    if (ticket != NULL) {
        state->has_ticket = true;
        memcpy(state->ticket, ticket, sizeof(state->ticket));
    }
    return put(pamh, state);
}

enum state_result state_result(pam_handle_t *pamh)
{
    const struct state *state = find(pamh);

    if (state == NULL)
        return STATE_NONE;
    return state->granted ? STATE_GRANTED : STATE_FAILED;
}

const uint8_t *state_ticket(pam_handle_t *pamh, const char *user)
{
    const struct state *state = find(pamh);

    if (state == NULL || !state->granted || !state->has_ticket || strcmp(state->user, user) != 0)
        return NULL;
    return state->ticket;
}
