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
PRESSES_MAX = 30


def pictures_in(folder):
    """{finger: {impression: path}} of FINGER_IMPRESSION.png or .tif."""
    found = {}
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"(\w+)_(\d+)\.(png|tif)", name)
        if match:
            found.setdefault(match[1], {})[int(match[2])] = os.path.join(folder, name)
    return found


def enroll(rig, paths):
    """(template, pictures) of an enrolment by these presses, or None. Where it wants more, moved
    copies follow."""
    worker = rig.ready()
    try:
        worker.request(Type.ENROLL, finger=RIGHT_INDEX, pictures=10)
        again = (("shift", 3 * n, -5 * n, path) for n in itertools.count(1) for path in paths)
        for words in itertools.islice(itertools.chain((("press", path) for path in paths), again), PRESSES_MAX):
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
    """{impression: (print, picture)}, as far as the enrolments of them took each."""
    numbers = sorted(impressions)
    found = {}
    for order in (numbers, numbers[::-1]):
        made = enroll(rig, [impressions[n] for n in order])
        if made is not None and len(prints_of(made[0])) == 7:
            found.update(zip(order, zip(prints_of(made[0]), made[1])))
    return found


class Kind:
    """How fingers are made: difficulty and the part of the picture that the sensor sees."""

    def __init__(self, build, work, difficulty, size):
        self.build, self.difficulty, self.size = build, difficulty, size
        self.folder = os.path.join(work, f"d{difficulty}-{size}")
        os.makedirs(self.folder, exist_ok=True)

    def _make(self, seed, turns):
        with tempfile.TemporaryDirectory(prefix="toyama-bench.") as pictures:
            generator = os.path.join(self.build, "tests", "virtual", "finger", "synthetic-finger")
            subprocess.run([generator, "--seed", str(seed), "--impressions", str(7 * turns), "--difficulty",
                            str(self.difficulty), "--size", self.size, "--levels", "16", "--name", "f", pictures],
                           check=True, stdout=subprocess.DEVNULL)
            rig = Rig(self.build)
            try:
                return [enroll(rig, [os.path.join(pictures, f"f_{n}.png") for n in range(first, first + 7)])
                        for first in range(1, 7 * turns, 7)]
            finally:
                rig.close()

    def finger(self, seed, turns):
        """Its enrolments, (template, pictures) or None each; one without pictures where turns is 1."""
        path = os.path.join(self.folder, f"{seed}-{turns}")
        if not os.path.exists(path):
            made = self._make(seed, turns)
            if turns == 1:
                made = [one and (one[0], []) for one in made]
            with open(path + ".new", "wb") as file:
                pickle.dump(made, file)
            os.rename(path + ".new", path)
        with open(path, "rb") as file:
            return pickle.load(file)

    def fingers(self, seeds, turns):
        """Of all seeds, made by all processors."""
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return dict(zip(seeds, pool.map(lambda seed: self.finger(seed, turns), seeds)))
