/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/dump.h"

static const char *word(bool value)
{
    return value ? "true" : "false";
}

static void put_hex(GString *out, const char *name, const uint8_t *data, size_t len)
{
    g_string_append_printf(out, "\"%s\": \"", name);
    for (size_t n = 0; n < len; n++)
        g_string_append_printf(out, "%02x", data[n]);
    g_string_append(out, "\"");
}

static void put_slot(GString *out, const struct model_slot *slot)
{
    g_string_append_printf(out, "{\"valid\": %s, \"ext\": %u, \"tkt\": %u, \"cfg\": %u, ",
                           word(slot->valid), slot->ext, slot->tkt, slot->cfg);
    put_hex(out, "secret", slot->secret, sizeof(slot->secret));
    g_string_append(out, ", ");
    put_hex(out, "code", slot->code, sizeof(slot->code));
    g_string_append(out, "}");
}

static void put_model(GString *out, const struct model *m)
{
    const struct model_stats *s = &m->stats;

    g_string_append_printf(out, "\"serial\": %u, \"version\": \"%u.%u.%u\", \"sequence\": %u, ",
                           m->serial, m->version[0], m->version[1], m->version[2], m->sequence);
    g_string_append_printf(out,
                           "\"frames\": %u, \"bad_frames\": %u, \"resets\": %u, \"hmacs\": %u, ",
                           s->frames, s->bad_frames, s->resets, s->hmacs);
    g_string_append_printf(out, "\"touches\": %u, \"writes\": %u, \"refused_writes\": %u, ",
                           s->touches, s->writes, s->refused_writes);
    g_string_append_printf(out, "\"swallowed\": %u, \"waiting\": %u, ", s->swallowed, m->waiting);
    put_hex(out, "challenge", m->challenge, sizeof(m->challenge));
    g_string_append(out, ", \"slots\": [");
    put_slot(out, &m->slot[0]);
    g_string_append(out, ", ");
    put_slot(out, &m->slot[1]);
    g_string_append(out, "]");
}

static void put_key(GString *out, struct key *key)
{
    g_mutex_lock(&key->lock);
    g_string_append_printf(out, "{\"plugged\": %s, \"bound\": %s, \"claimed\": %s, \"held\": %s, ",
                           word(key->plugged), word(key->bound), word(key->claimer != NULL),
                           word(key_now() < key->held_until));
    g_string_append_printf(out, "\"transfers\": %u, \"claims\": %u, \"opens\": %u, ",
                           key->transfers, key->claims, key->opens);
    put_model(out, &key->model);
    g_string_append(out, "}");
    g_mutex_unlock(&key->lock);
}

void dump_bus(struct bus *bus, GString *out)
{
    g_string_append(out, "[");
    for (unsigned n = 0; n < BUS_KEYS; n++) {
        if (n > 0)
            g_string_append(out, ", ");
        put_key(out, &bus->key[n]);
    }
    g_string_append(out, "]");
}
