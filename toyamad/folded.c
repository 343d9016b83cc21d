/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/folded.h"

#include "toyamad/attempt.h"

#include <stdio.h>

#define MINUTE_USEC (UINT64_C(60) * 1000000)
#define ONE_BY_ONE  10

bool folded_more(struct folded *f)
{
    uint64_t now = attempt_clock();

    if (now - f->minute_usec > MINUTE_USEC) {
        f->minute_usec = now;
        f->written = 0;
    }
    if (f->written < ONE_BY_ONE) {
        f->written++;
        return false;
    }
    f->left_out++;
    return true;
}

void folded_tell(const struct folded *f, struct chain_event *event)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", f->left_out);
    if (f->left_out > 0)
        chain_event_add(event, "left_out", text);
}
