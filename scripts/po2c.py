#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the numbered messages of a PO file into a C table, after checking that they keep the house rules.

    po2c.py --check ja.po [toyama.pot]     check only, also that both files hold the same messages
    po2c.py ja.po messages.h messages.c    check, then write the table

Entries without msgctxt belong to gettext alone and are only counted.
"""

import ast
import re
import sys
import unicodedata

ID = re.compile(r"[MKHAX][0-9]{2}[a-z]{0,3}\Z")
ID_MAX = 7  # AUTH_MSG_MAX less the NUL
PLACEHOLDER = re.compile(r"\{([a-z_]{1,15})(?::([a-z]+))?\}")
HINTS = {"clock", "short", "finger", "reason"}
COLUMNS = 80  # 40 full-width characters

# Columns that an argument takes in the longest line that a person should meet, Japanese and English.
WIDTH = {"name": (9, 12), "place": (9, 12), "date": (9, 12), "time": (24, 17), "zone": (18, 14), "code": (19, 19),
         "staff": (6, 6), "ext": (4, 4), "finger": (14, 18), "media": (6, 6), "lines": (10, 10), "reason": (10, 10),
         "approver": (14, 14)}
NARROW = {"clock": (4, 5), "short": (17, 13)}

BANNED_JA = ["スキャン", "タッチ", "PAM", "テンプレート", "トークン", "失敗しました", "個人情報ではありません"]
BANNED_EN = ["PAM", "template", "token", "scan", "failed", "error:"]
# 例外措置 is said to operators, never to the person who logs in.
EXCEPTION_WORD, EXCEPTION_ROOMS = "例外", "HA"


class Fault(Exception):
    pass


def entries(path):
    """Yields (line number, flags, {"msgctxt", "msgid", "msgstr"}) for each entry but the header."""
    entry, flags, field, start = {}, set(), None, 0
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines + [""], 1):
        match = re.match(r'(msgctxt|msgid_plural|msgid|msgstr)\s+(".*")\Z', line)
        if match or line.startswith('"'):
            keyword, text = match.groups() if match else (None, line)
            if keyword in ("msgctxt", "msgid") and "msgstr" in entry:
                raise Fault(f"{path}:{number}: entries need an empty line between them")
            if keyword:
                field, start = keyword, start or number
            entry[field] = entry.get(field, "") + ast.literal_eval(text)
        elif line.startswith("#~"):
            raise Fault(f"{path}:{number}: obsolete entry")
        elif line.startswith("#,"):
            flags.update(flag.strip() for flag in line[2:].split(","))
        elif not line and entry:
            if entry.get("msgid") or "msgctxt" in entry:
                yield start, flags, entry
            entry, flags, field, start = {}, set(), None, 0
        elif line and not line.startswith("#"):
            raise Fault(f"{path}:{number}: not understood: {line}")


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def widest_line(text, language):
    def sample(match):
        name, hint = match.groups()
        return "x" * NARROW.get(hint, WIDTH.get(name, (3, 3)))[language]

    return max(columns(PLACEHOLDER.sub(sample, line)) for line in text.split("\n"))


def arguments(text):
    found = PLACEHOLDER.findall(text)
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        raise Fault("a brace that encloses no argument name")
    unknown = {hint for _, hint in found if hint} - HINTS
    if unknown:
        raise Fault(f"unknown form {sorted(unknown)}")
    return set(found)


def check_message(key, english, japanese):
    if not ID.match(key) or len(key) > ID_MAX:
        raise Fault("not a message id")
    if not english or not japanese:
        raise Fault("a text is missing")
    if not english.isascii():
        raise Fault("the English text is not ASCII")
    if any(c < " " and c != "\n" for c in english + japanese):
        raise Fault("control character")
    if arguments(english) != arguments(japanese):
        raise Fault("the two texts name different arguments")
    for text, language in ((japanese, 0), (english, 1)):
        if widest_line(text, language) > COLUMNS:
            raise Fault(f"line of {widest_line(text, language)} columns: {text}")
    check_words(key, english, japanese)


def check_words(key, english, japanese):
    found = [word for word in BANNED_JA if word in japanese]
    found += [word for word in BANNED_EN if re.search(rf"\b{word}", english, 0 if word.isupper() else re.I)]
    if EXCEPTION_WORD in japanese and key[0] not in EXCEPTION_ROOMS:
        found.append(EXCEPTION_WORD)
    if found:
        raise Fault(f"words that people are not shown: {found}")


def load(path, translated=True):
    """Returns {id: (english, japanese)} and the number of entries without id."""
    table, plain = {}, 0
    for number, flags, entry in entries(path):
        key = entry.get("msgctxt")
        try:
            if "fuzzy" in flags and translated:
                raise Fault("fuzzy")
            if key is None:
                plain += 1
                continue
            if key in table:
                raise Fault("id given twice")
            table[key] = entry["msgid"], entry.get("msgstr", "")
            if translated:
                check_message(key, *table[key])
        except Fault as fault:
            raise Fault(f"{path}:{number}: {key}: {fault}") from None
    return table, plain


def compare(table, template_path):
    template, _ = load(template_path, translated=False)
    for key in sorted(table.keys() | template.keys()):
        ours, theirs = table.get(key), template.get(key)
        if not ours or not theirs or ours[0] != theirs[0]:
            raise Fault(f"{template_path}: {key} differs from the translation")


def c_string(text):
    """Octets outside of printable ASCII as three octal digits, which no following digit can extend."""
    def octet(value):
        if value in b'"\\?':
            return "\\" + chr(value)
        return chr(value) if 0x20 <= value < 0x7F else f"\\{value:03o}"

    return "".join(octet(value) for value in text.encode())


HEADER = """/* Written by scripts/po2c.py from {source}; do not edit. */
#ifndef TOYAMA_PO_MESSAGES_H
#define TOYAMA_PO_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

struct message {{
    char id[{id_size}];
    uint16_t text[2]; /* offsets into messages_pool: English, Japanese */
}};

extern const struct message messages[]; /* sorted by id */
extern const size_t messages_count;
extern const char messages_pool[];

#endif
"""

SOURCE = """/* Written by scripts/po2c.py from {source}; do not edit. */
#include "po/messages.h"

const struct message messages[] = {{
{rows}
}};
const size_t messages_count = sizeof(messages) / sizeof(messages[0]);

/* Offsets instead of pointers: nothing to relocate, so the table stays read-only and shared. */
const char messages_pool[] =
{pool};
"""


def write_table(table, source, header_path, source_path):
    offset, rows, pool = 0, [], []
    for key in sorted(table):
        places = []
        for text in table[key]:
            places.append(offset)
            offset += len(text.encode()) + 1
            pool.append(f'    "{c_string(text)}\\0"')
        rows.append(f'    {{"{key}", {{{places[0]}, {places[1]}}}}},')
    if offset > 0xFFFF:
        raise Fault(f"{offset} octets of text do not fit 16-bit offsets")
    with open(header_path, "w", encoding="ascii") as file:
        file.write(HEADER.format(source=source, id_size=ID_MAX + 1))
    with open(source_path, "w", encoding="ascii") as file:
        file.write(SOURCE.format(source=source, rows="\n".join(rows), pool="\n".join(pool)))


def main(argv):
    if len(argv) in (3, 4) and argv[1] == "--check":
        table, plain = load(argv[2])
        if len(argv) == 4:
            compare(table, argv[3])
        print(f"{len(table)} messages, {plain} other entries")
    elif len(argv) == 4:
        table, _ = load(argv[1])
        write_table(table, argv[1].rsplit("/", 1)[-1], argv[2], argv[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (Fault, OSError, KeyError, UnicodeError) as fault:
        sys.exit(f"po2c.py: {fault}")
