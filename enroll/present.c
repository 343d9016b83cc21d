/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/present.h"

#include "enroll/lang.h"
#include "enroll/names.h"
#include "enroll/width.h"

#include <stdio.h>
#include <string.h>

#define CELL_MAX ADMIN_VALUE_MAX
#define ID_START 8

void present_object(const struct rows *rows, size_t n)
{
    struct admin_pairs pairs;
    char value[CELL_MAX];
    size_t widest = 0;

    rows_get(rows, n, &pairs);
    for (size_t i = 0; i < pairs.count; i++) {
        size_t w = width_of(names_label(pairs.pair[i].key));
        widest = w > widest ? w : widest;
    }
    for (size_t i = 0; i < pairs.count; i++) {
        if (strcmp(pairs.pair[i].key, "kind") == 0)
            continue;
        names_value(pairs.pair[i].key, pairs.pair[i].value, value, sizeof(value));
        width_pad(stdout, names_label(pairs.pair[i].key), widest + 2);
        printf("%s\n", value);
    }
}

static bool is_hidden(const char *const *hidden, const char *key)
{
    for (size_t n = 0; hidden[n] != NULL; n++)
        if (strcmp(hidden[n], key) == 0)
            return true;
    return false;
}

/* Of an id only the start, which is what options take. */
static const char *cell(const struct admin_pairs *row, const char *key, char buf[CELL_MAX])
{
    const char *value = admin_pair_get(row, key);

    names_value(key, value != NULL ? value : "", buf, CELL_MAX);
    if ((strcmp(key, "id") == 0 || strcmp(key, "card") == 0) && strlen(buf) > ID_START)
        buf[ID_START] = '\0';
    return buf;
}

static void measure(const struct rows *rows, size_t from, size_t to, const struct admin_pairs *head,
                    size_t *columns)
{
    struct admin_pairs row;
    char buf[CELL_MAX];

    for (size_t i = 0; i < head->count; i++)
        columns[i] = width_of(names_label(head->pair[i].key));
    for (size_t n = from; n < to; n++) {
        rows_get(rows, n, &row);
        for (size_t i = 0; i < head->count; i++) {
            size_t w = width_of(cell(&row, head->pair[i].key, buf));
            columns[i] = w > columns[i] ? w : columns[i];
        }
    }
}

/* `row` NULL: the line of labels. */
static void print_line(const struct admin_pairs *head, const struct admin_pairs *row,
                       const size_t *columns, const char *const *hidden)
{
    char buf[CELL_MAX];
    size_t pending = 0;

    for (size_t i = 0; i < head->count; i++) {
        const char *key = head->pair[i].key;
        const char *text;
        if (is_hidden(hidden, key))
            continue;
        text = row == NULL ? names_label(key) : cell(row, key, buf);
        printf("%*s%s", (int)pending, "", text);
        pending = columns[i] + 2 - width_of(text);
    }
    putchar('\n');
}

void present_table(const struct rows *rows, size_t from, size_t to, const char *const *hidden)
{
    struct admin_pairs head, row;
    size_t columns[ADMIN_PAIRS_MAX];

    if (from >= to)
        return;
    rows_get(rows, from, &head);
    measure(rows, from, to, &head, columns);
    print_line(&head, NULL, columns, hidden);
    for (size_t n = from; n < to; n++) {
        rows_get(rows, n, &row);
        print_line(&head, &row, columns, hidden);
    }
}

static bool is_leading(const char *key)
{
    return strcmp(key, "sequence") == 0 || strcmp(key, "time") == 0 || strcmp(key, "kind") == 0;
}

static void print_event(const struct admin_pairs *row)
{
    char time[CELL_MAX];

    printf("%6s  %s  %s", admin_pair_get(row, "sequence"), cell(row, "time", time),
           admin_pair_get(row, "kind"));
    for (size_t i = 0; i < row->count; i++)
        if (!is_leading(row->pair[i].key) && row->pair[i].value[0] != '\0')
            printf("  %s=%s", row->pair[i].key, row->pair[i].value);
    putchar('\n');
}

void present_events(const struct rows *rows)
{
    struct admin_pairs row;

    for (size_t n = 0; n < rows->count; n++) {
        rows_get(rows, n, &row);
        if (admin_pair_get(&row, "sequence") != NULL && admin_pair_get(&row, "kind") != NULL)
            print_event(&row);
    }
}

bool present_key(const struct rows *rows)
{
    enum { LINE = 64 };
    char value[CELL_MAX] = "";

    if (rows->count != 1 || !rows_value(rows, 0, "key", value, sizeof(value)))
        return false;
    puts("-----BEGIN PUBLIC KEY-----");
    for (size_t at = 0; at < strlen(value); at += LINE)
        printf("%.*s\n", LINE, value + at);
    puts("-----END PUBLIC KEY-----");
    return true;
}

void present_json(struct json *j, const struct rows *rows)
{
    struct admin_pairs row;

    json_open(j, '[');
    for (size_t n = 0; n < rows->count; n++) {
        rows_get(rows, n, &row);
        json_open(j, '{');
        for (size_t i = 0; i < row.count; i++)
            json_pair(j, row.pair[i].key, row.pair[i].value);
        json_close(j, '}');
    }
    json_close(j, ']');
}
