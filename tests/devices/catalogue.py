# SPDX-License-Identifier: Apache-2.0
"""The message catalogue (po/ja.po) for tests: what a person must read for a message id."""
import ast
import pathlib
import re

FILE = pathlib.Path(__file__).parent.parent.parent / "po" / "ja.po"
HOLE = re.compile(r"\{([a-z_]+)(?::[a-z]+)?\}")
BRACKETS = re.compile(r"\s*[(（][^()（）]*\{MISSING\}[^()（）]*[)）]")


def _entries():
    """{id: (English, Japanese)}."""
    out, entry, key = {}, {}, None
    for line in FILE.read_text(encoding="utf-8").splitlines() + [""]:
        if not line:
            if "msgctxt" in entry:
                out[entry["msgctxt"]] = (entry["msgid"], entry["msgstr"])
            entry, key = {}, None
        elif not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word in ("msgctxt", "msgid", "msgstr"):
                key, line = word, rest
                entry[key] = ""
            entry[key] += ast.literal_eval(line)
    return out


_CATALOGUE = _entries()


def text(ident, language, **values):
    """The text with its arguments put in; what has no value takes its parentheses along."""
    plain = _CATALOGUE[ident][language == "ja"]
    plain = HOLE.sub(lambda m: str(values.get(m[1], "{MISSING}")), plain)
    plain = BRACKETS.sub("", plain)
    if "{MISSING}" in plain:
        raise KeyError(f"{ident}: an argument is missing: {plain}")
    return plain
