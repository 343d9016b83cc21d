#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every text of toyama-enroll is in both catalogues, and no other one without an id is. usage:
texts_test.py ROOT XGETTEXT"""
import ast
import glob
import subprocess
import sys


def texts(lines):
    """{msgid: msgstr} of the entries without msgctxt."""
    out, entry, key = {}, {}, None
    for line in [*lines, ""]:
        if not line:
            if "msgctxt" not in entry and entry.get("msgid"):
                out[entry["msgid"]] = entry["msgstr"]
            entry, key = {}, None
        elif not line.startswith("#"):
            word, _, rest = line.partition(" ")
            if word in ("msgctxt", "msgid", "msgstr"):
                key, line = word, rest
                entry[key] = ""
            entry[key] += ast.literal_eval(line)
    return out


def main(root, xgettext):
    """0 where the catalogues fit."""
    sources = sorted(glob.glob(f"{root}/enroll/**/*.c", recursive=True))
    found = texts(subprocess.run([xgettext, "--from-code=UTF-8", "-k_", "-kN_", "-o", "-", *sources], check=True,
                                 capture_output=True, text=True).stdout.splitlines())
    assert len(found) > 300, len(found)
    assert any("/enroll/hr/" in source for source in sources), "rooms below enroll are not looked at"
    bad = []
    for name in ("ja.po", "toyama.pot"):
        with open(f"{root}/po/{name}", encoding="utf-8") as file:
            known = texts(file.read().splitlines())
        bad += [f"{name}: missing: {text!r}" for text in found.keys() - known.keys()]
        bad += [f"{name}: not used: {text!r}" for text in known.keys() - found.keys()]
        if name == "ja.po":
            bad += [f"{name}: not translated: {text!r}" for text, ja in known.items() if not ja]
            bad += [f"{name}: holes differ: {text!r}" for text, ja in known.items()
                    if (text.count("{}") > 0) != (ja.count("{}") > 0)]
    print("\n".join(sorted(bad)) or f"{len(found)} texts")
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
