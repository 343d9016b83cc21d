/* SPDX-License-Identifier: Apache-2.0 */
#include "po/render.h"

#include <string.h>

#include "po/messages.h"
#include "po/writer.h"

#define HINT_MAX 8

struct bracket {
    char open[4];
    char close[4];
};

static const struct bracket brackets[] = {{"(", ")"}, {"（", "）"}};

/* What is being rendered: `mark` is where the open parenthesis stands in the output. */
struct render {
    struct messages_writer out;
    enum messages_language lang;
    const struct args *args;
    const struct bracket *inside;
    size_t mark;
    bool missing;
};

const char *messages_find(const char *id, enum messages_language lang)
{
    size_t low = 0, high = messages_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, messages[middle].id);
        if (order == 0)
            return messages_pool + messages[middle].text[lang];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void messages_put(struct messages_writer *w, const char *text, size_t len)
{
    size_t room = w->cap - 1 - w->len;

    if (len > room) {
        len = room;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
        w->cap = w->len + len + 1;
    }
    memcpy(w->buf + w->len, text, len);
    w->len += len;
}

static bool ends_with(const struct messages_writer *w, const char *tail)
{
    size_t len = strlen(tail);

    return w->len >= len && memcmp(w->buf + w->len - len, tail, len) == 0;
}

static bool drop_tail(struct messages_writer *w, const char *tail)
{
    if (!ends_with(w, tail))
        return false;
    w->len -= strlen(tail);
    return true;
}

static void drop_separator(struct messages_writer *w)
{
    while (drop_tail(w, " ") || drop_tail(w, ",") || drop_tail(w, "　"))
        continue;
}

static const struct arg *find_argument(const struct args *args, const char *name, size_t len)
{
    for (size_t n = 0; args != NULL && n < args->count; n++)
        if (strlen(args->arg[n].name) == len && memcmp(args->arg[n].name, name, len) == 0)
            return &args->arg[n];
    return NULL;
}

static void copy_hint(char hint[HINT_MAX], const char *from, size_t len)
{
    if (len >= HINT_MAX)
        len = 0;
    memcpy(hint, from, len);
    hint[len] = '\0';
}

/* `inner` is what stands between the braces: a name, or name:hint. */
static void put_argument(struct render *r, const char *inner, size_t len)
{
    const char *colon = memchr(inner, ':', len);
    size_t name_len = colon == NULL ? len : (size_t)(colon - inner);
    const struct arg *arg = find_argument(r->args, inner, name_len);
    char hint[HINT_MAX] = "";

    if (colon != NULL)
        copy_hint(hint, colon + 1, len - name_len - 1);
    if (arg != NULL && messages_put_value(&r->out, arg, hint, r->lang))
        return;
    if (r->inside != NULL)
        r->missing = true;
    else
        drop_separator(&r->out);
}

static size_t enter_bracket(struct render *r, const char *at)
{
    for (size_t n = 0; n < sizeof(brackets) / sizeof(brackets[0]); n++) {
        size_t len = strlen(brackets[n].open);
        if (strncmp(at, brackets[n].open, len) != 0)
            continue;
        r->inside = &brackets[n];
        r->mark = r->out.len;
        r->missing = false;
        messages_put(&r->out, at, len);
        return len;
    }
    return 0;
}

static size_t leave_bracket(struct render *r, const char *at)
{
    size_t len = strlen(r->inside->close);

    if (strncmp(at, r->inside->close, len) != 0)
        return 0;
    r->inside = NULL;
    if (r->missing) {
        r->out.len = r->mark;
        drop_separator(&r->out);
    } else {
        messages_put(&r->out, at, len);
    }
    return len;
}

/* Renders what stands at `at`; returns the octets of the template that it used. */
static size_t step(struct render *r, const char *at)
{
    const char *close = at[0] == '{' ? strchr(at, '}') : NULL;
    size_t used = r->inside == NULL ? enter_bracket(r, at) : leave_bracket(r, at);
    size_t len;

    if (used > 0)
        return used;
    if (close != NULL) {
        put_argument(r, at + 1, (size_t)(close - at - 1));
        return (size_t)(close - at) + 1;
    }
    len = strcspn(at + 1, "{()\xEF") + 1; /* full-width parentheses begin with EF */
    messages_put(&r->out, at, len);
    return len;
}

bool messages_render(const char *id, enum messages_language lang, const struct args *args,
                     char *buf, size_t cap)
{
    struct render r = {.out = {.buf = buf, .cap = cap}, .lang = lang, .args = args};
    const char *at = messages_find(id, lang);

    if (cap == 0 || at == NULL)
        return false;
    while (*at != '\0')
        at += step(&r, at);
    buf[r.out.len] = '\0';
    return true;
}
