/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/request.h"

#include <string.h>

static int read_item(pam_handle_t *pamh, int item, bool *set, char dst[AUTH_NAME_MAX])
{
    const void *value = NULL;
    struct tlv text = {0};

    if (pam_get_item(pamh, item, &value) != PAM_SUCCESS)
        return REQUEST_SYSTEM;
    *set = value != NULL;
    if (value == NULL)
        return REQUEST_OK;
    text.val = value;
    text.len = strlen(value);
    return tlv_text(&text, dst, AUTH_NAME_MAX) == WIRE_OK ? REQUEST_OK : REQUEST_ITEM;
}

int request_read(pam_handle_t *pamh, struct request *out)
{
    bool set = false;
    int err;

    *out = (struct request){0};
    if ((err = read_item(pamh, PAM_USER, &out->has_user, out->user)) != REQUEST_OK ||
        (err = read_item(pamh, PAM_TTY, &set, out->tty)) != REQUEST_OK ||
        (err = read_item(pamh, PAM_RHOST, &set, out->rhost)) != REQUEST_OK ||
        (err = read_item(pamh, PAM_RUSER, &set, out->ruser)) != REQUEST_OK ||
        (err = read_item(pamh, PAM_SERVICE, &set, out->service)) != REQUEST_OK)
        return err;
    return set ? REQUEST_OK : REQUEST_SYSTEM;
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool request_on_bare_terminal(pam_handle_t *pamh)
{
    const void *tty = NULL, *display = NULL;
    const char *name;

    if (pam_get_item(pamh, PAM_TTY, &tty) != PAM_SUCCESS || tty == NULL)
        return false;
    if (pam_get_item(pamh, PAM_XDISPLAY, &display) == PAM_SUCCESS && display != NULL &&
        *(const char *)display != '\0')
        return false;
    name = starts_with(tty, "/dev/") ? (const char *)tty + 5 : tty;
    return starts_with(name, "tty") || starts_with(name, "console") || starts_with(name, "hvc") ||
           starts_with(name, "vc/");
}

static void put_hint(struct frame_out *out, unsigned field, const char *text)
{
    if (text[0] != '\0')
        frame_put_text(out, field, text);
}

static struct frame_out begin(const struct request *r, struct client *c, uint8_t type)
{
    struct frame_out out = client_begin(c, type);

    frame_put_u32(&out, AUTH_F_VERSION, AUTH_VERSION);
    frame_put_text(&out, AUTH_F_SERVICE, r->service);
    if (r->has_user)
        frame_put_text(&out, AUTH_F_USER, r->user);
    put_hint(&out, AUTH_F_TTY, r->tty);
    put_hint(&out, AUTH_F_RHOST, r->rhost);
    return out;
}

int request_send_start(const struct request *r, struct client *c)
{
    struct frame_out out = begin(r, c, AUTH_START);

    put_hint(&out, AUTH_F_RUSER, r->ruser);
    return client_send(c, &out);
}

static void put_ticket(struct frame_out *out, const uint8_t *ticket)
{
    if (ticket != NULL)
        frame_put(out, AUTH_F_TICKET, ticket, AUTH_TICKET_LEN);
}

int request_send_account(const struct request *r, const uint8_t *ticket, struct client *c)
{
    struct frame_out out = begin(r, c, AUTH_ACCOUNT);

    put_ticket(&out, ticket);
    return client_send(c, &out);
}

int request_send_session(const struct request *r, const uint8_t *ticket, bool open,
                         struct client *c)
{
    struct frame_out out = begin(r, c, AUTH_SESSION);

    put_ticket(&out, ticket);
    frame_put_u32(&out, AUTH_F_OPEN, open ? 1 : 0);
    return client_send(c, &out);
}
