# SPDX-License-Identifier: Apache-2.0
"""The fresh presses behind a search, as toyamad/finger_confirm.c asks for them."""
import os
import tempfile

from fingerrig import Rig, Type, row
from people import presses
from searcher import NUMBERS, RIGHT_INDEX

OTHER, NEW = b"o" * 16, b"n" * 16
PRESSES_MAX = 20


def verdict(hits, misses, strange):
    """search_rule_verdict(); None: one press more."""
    if hits >= NUMBERS["CONFIRM_HITS"]:
        return "same"
    if misses >= NUMBERS["CONFIRM_MISS"]:
        return "different"
    return "uncertain" if strange >= NUMBERS["STRANGE_MAX"] else None


def verdict_of_second(hits, _strange, misses):
    """search_rule_second()."""
    if hits >= NUMBERS["SECOND_HITS"]:
        return "same"
    return "different" if misses >= NUMBERS["SECOND_MISS"] else None


def _judge(rig, rows, paths, rule):
    worker = rig.ready()
    counts = {OTHER: 0, NEW: 0, None: 0}
    for _, words in zip(range(PRESSES_MAX), presses(paths)):
        answer = rig.verify(worker, words, rows, 1)
        if answer.type in (Type.MATCH, Type.NO_MATCH):
            counts[answer.id] += 1
        elif answer.type != Type.PRESS:
            raise RuntimeError(f"confirmation: {answer}")
        if rule(*counts.values()):
            return rule(*counts.values())
    return "uncertain"


def confirm(build, fresh, other, new):
    """`fresh`: impressions of the finger of the template `new`, which is like `other`."""
    return _press(build, fresh, [row(OTHER, RIGHT_INDEX, other), row(NEW, RIGHT_INDEX, new)], verdict)


def second(build, fresh, other):
    """Whether a person whose other finger is alike is proven by this one, of which `other` is the stored template."""
    return _press(build, fresh, [row(OTHER, RIGHT_INDEX, other)], verdict_of_second)


def _press(build, fresh, rows, rule):
    with tempfile.TemporaryDirectory(prefix="toyama-bench.") as folder:
        paths = [os.path.join(folder, f"{number}{kind}") for number, (kind, _) in enumerate(fresh)]
        for path, (_, octets) in zip(paths, fresh):
            with open(path, "wb") as file:
                file.write(octets)
        rig = Rig(build)
        try:
            return _judge(rig, rows, paths, rule)
        finally:
            rig.close()
