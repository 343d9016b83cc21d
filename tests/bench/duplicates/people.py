# SPDX-License-Identifier: Apache-2.0
"""Synthetic fingers, enrolled by toyama-finger itself and kept in a folder for the next run."""
import concurrent.futures
import itertools
import os
import pickle
import re
import subprocess
import tempfile

from fingerrig import Reason, Rig, Type, prints_of

RIGHT_INDEX = 2
EACH = 7        # impressions for one enrolment
FRESH = 2       # and for a confirmation
PRESSES_MAX = 30


def octets_of(path):
    with open(path, "rb") as file:
        return file.read()


def pictures_in(folder):
    """{finger: {impression: path}} of FINGER_IMPRESSION.png or .tif."""
    found = {}
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"(\w+)_(\d+)\.(png|tif)", name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = os.path.join(folder, name)
    return found


def presses(paths):
    """What to do to the virtual finger: these impressions, then moved copies without end."""
    again = (("shift", 3 * n, -5 * n, path) for n in itertools.count(1) for path in paths)
    return itertools.chain((("press", path) for path in paths), again)


def enroll(rig, paths):
    """(template, pictures) of an enrolment by these presses, or None. Where it wants more, moved
    copies follow."""
    worker = rig.ready()
    try:
        worker.request(Type.ENROLL, finger=RIGHT_INDEX, pictures=10)
        for words in itertools.islice(presses(paths), PRESSES_MAX):
            rig.finger.do(*words)
            answer = worker.receive()
            if answer.type == Type.PRESS and answer.stage < answer.stages:
                continue
            if answer.type == Type.PRESS:
                answer = worker.receive()
            pictures, answer = worker.pictures(answer)
            if answer.type == Type.ENROLLED:
                return answer.template, pictures
            if answer.type == Type.FAILED and Reason(answer.reason) == Reason.POOR:
                return None
            raise RuntimeError(f"enrolment: {answer}")
        return None
    finally:
        worker.stop()


def prints_and_pictures(rig, impressions):
    """{impression: (print, picture)}: each is enrolled by itself, with moved copies, so that it need not
    match any other."""
    found = {}
    for number, path in impressions.items():
        made = enroll(rig, [path])
        if made is not None:
            found[number] = (prints_of(made[0])[0], made[1][0])
    return found


class Finger:
    """Enrolments, (template, pictures) or None each, and impressions that are (".png" or ".tif", octets): fresh ones, and
    all that the first enrolment does not have."""

    def __init__(self, enrolments, fresh, later=None):
        self.enrolments, self.fresh, self.later = enrolments, fresh, later or fresh


class Kind:
    """How fingers are made: difficulty and the part of the picture that the sensor sees."""

    def __init__(self, build, work, difficulty, size):
        self.build, self.difficulty, self.size = build, difficulty, size
        self.folder = os.path.join(work, f"d{difficulty}-{size}")
        os.makedirs(self.folder, exist_ok=True)

    def _draw(self, seed, count, folder):
        generator = os.path.join(self.build, "tests", "virtual", "finger", "synthetic-finger")
        subprocess.run([generator, "--seed", str(seed), "--impressions", str(count), "--difficulty",
                        str(self.difficulty), "--size", self.size, "--levels", "16", "--name", "f", folder],
                       check=True, stdout=subprocess.DEVNULL)
        return [os.path.join(folder, f"f_{n}.png") for n in range(1, count + 1)]

    def _make(self, seed, turns, fresh):
        with tempfile.TemporaryDirectory(prefix="toyama-bench.") as folder:
            paths = self._draw(seed, EACH * turns + fresh, folder)
            rig = Rig(self.build)
            try:
                made = [enroll(rig, paths[first:first + EACH]) for first in range(0, EACH * turns, EACH)]
            finally:
                rig.close()
            return Finger(made, [(".png", octets_of(path)) for path in paths[EACH * turns:]])

    def _finger(self, name, *how):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            made = self._make(*how)
            with open(path + ".new", "wb") as file:
                pickle.dump((made.enrolments, made.fresh), file)
            os.rename(path + ".new", path)
        with open(path, "rb") as file:
            return Finger(*pickle.load(file))

    def subject(self, seed):
        """A finger that is enrolled twice and then confirmed."""
        return self._finger(f"{seed}-subject", seed, 2, FRESH)

    def other(self, seed):
        return self._finger(f"{seed}-other", seed, 1, 0)


def rotations(build, impressions):
    """The same finger once for each impression that it begins with: four of eight for the first enrolment, three for
    the second, one that is fresh. These are not independent."""
    paths = [path for _, path in sorted(impressions.items())]
    old, new = len(paths) // 2, len(paths) - 1

    def read(some):
        return [(os.path.splitext(path)[1], octets_of(path)) for path in some]
    rig = Rig(build)
    try:
        for first in range(len(paths)):
            turned = paths[first:] + paths[:first]
            yield Finger([enroll(rig, turned[:old]), enroll(rig, turned[old:new])], read(turned[new:]),
                         read(turned[new:] + turned[old:new]))
    finally:
        rig.close()


def all_of(make, seeds):
    """{seed: finger}, made by all processors."""
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(seeds, pool.map(make, seeds)))
