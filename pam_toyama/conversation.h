/* SPDX-License-Identifier: Apache-2.0
 *
 * Speaking with the person through the application's conversation function, one message a call.
 */
#ifndef TOYAMA_PAM_CONVERSATION_H
#define TOYAMA_PAM_CONVERSATION_H

#include <security/pam_modules.h>

#include "core/wire/auth.h"
#include "po/render.h"

enum conversation_err {
    CONVERSATION_OK = 0,
    CONVERSATION_NONE = -1,   /* it failed, or gave no or an empty answer */
    CONVERSATION_LONG = -2,   /* an answer longer than any PIN */
    CONVERSATION_UNKNOWN = -3 /* the catalogue has no such message */
};

struct conversation {
    pam_handle_t *pamh;
    bool silent; /* PAM_SILENT: prompts only */
    bool bare;   /* no Japanese here, whatever the broker says */
    enum messages_language lang;
};

struct secret {
    size_t len;
    char text[AUTH_SECRET_MAX + 1];
};

/* `lang` as it came from the broker: "ja", or anything else for English. */
void conversation_use_language(struct conversation *c, const struct tlv *lang);

/* PAM_TEXT_INFO or PAM_ERROR_MSG. A message that the catalogue lacks is left out. */
int conversation_tell(const struct conversation *c, int style, const char *id,
                      const struct args *args);
/* Asks without echo. A prompt that the catalogue lacks is not asked. The caller wipes `out`. */
int conversation_ask(const struct conversation *c, const char *id, const struct args *args,
                     struct secret *out);

#endif
