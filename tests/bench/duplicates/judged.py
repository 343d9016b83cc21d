# SPDX-License-Identifier: Apache-2.0
"""What searches brought, a line a subject in a file, and what follows from it by the rule as it is now: a book that was
written under a rule that asked more often can still be read, one of a stricter rule not."""
import json
import math
import os
import random
import statistics
import threading

from intervals import clopper_pearson, share
from searcher import NUMBERS, QUARTERS, is_to_confirm

SIZES = (2000, 10000)
SAME = "same"
ROUNDS = 1000        # of the bootstrap
THRESHOLDS = (0.1, 0.16, 0.2)
LAWS = {"exponential": lambda near, threshold: near - threshold,     # how far it lies beyond; falls off fast
        "power": lambda near, threshold: math.log(near / threshold)}  # and slowly
ENOUGH = 4           # others above a threshold, to say anything


def nearness(hit):
    """1 and more: alike and firm, so that fresh presses are asked for."""
    pairs = hit["presses"] * hit["prints"]
    return min(hit["hit"] / hit["presses"] * 100 / NUMBERS["ALIKE_PRESSES"],
               hit["pairs"] / pairs * 100 / NUMBERS["ALIKE_PAIRS"],
               hit["thinned"] / (QUARTERS * pairs) * 100 / NUMBERS["FIRM_PAIRS"])


def weight(hit, single):
    """For how many the hit stands: one press against one print sees somebody with the share of his pairs."""
    return hit["presses"] * hit["prints"] / hit["pairs"] if single and hit["pairs"] else 1


class Tail:
    """What lies beyond the rule, if those near it go on falling off by a law."""

    def __init__(self, lines, single, threshold, law):
        self.threshold, self.law = threshold, LAWS[law]
        self.near = [[(nearness(hit), weight(hit, single)) for hit in line["hits"]] for line in lines]
        self.counts = [line["templates"] for line in lines]

    def _beyond(self, chosen):
        over = [(self.law(near, self.threshold), weight_) for n in chosen for near, weight_ in self.near[n]
                if near > self.threshold]
        total = sum(weight_ for _, weight_ in over)
        if total == 0:
            return 0.0
        mean = sum(excess * weight_ for excess, weight_ in over) / total
        return total / sum(self.counts[n] for n in chosen) * math.exp(-self.law(1, self.threshold) / mean)

    def estimate(self):
        """(share a comparison, its 95 % interval by drawing subjects again, how many lie over the threshold)."""
        everybody = range(len(self.counts))
        dice = random.Random(1)
        drawn = sorted(self._beyond(dice.choices(everybody, k=len(everybody))) for _ in range(ROUNDS))
        return (self._beyond(everybody), drawn[ROUNDS // 40], drawn[-ROUNDS // 40 - 1],
                sum(near > self.threshold for one in self.near for near, _ in one))


def percent_of(rate, size):
    """Of enrolments, where one comparison in so many goes wrong."""
    return 100 * -math.expm1(size * math.log1p(-min(rate, 1 - 1e-12)))


def is_named(hit):
    return is_to_confirm(hit) and hit["verdict"] == SAME


class Book:
    """The lines of one file. `single`: others were looked for with one press against one print."""

    def __init__(self, path, single):
        self.path, self.single, self.lines, self.lock = path, single, [], threading.Lock()
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                self.lines = [json.loads(line) for line in file]

    def add(self, line):
        with self.lock, open(self.path, "a", encoding="ascii") as file:
            file.write(json.dumps(line) + "\n")
            self.lines.append(line)

    def show(self):
        if any(line["own"] for line in self.lines):
            self._show_own()
        if any(line["templates"] for line in self.lines):
            self._show_others()
            self._show_tail()

    def _show_own(self):
        own = [line["own"] for line in self.lines if line["own"]]
        found = [one for one in own if one["swept"] and is_to_confirm(one)]
        print(f"true duplicates\n  hit by the sweep        {share(sum(one['swept'] for one in own), len(own))}")
        print(f"  alike and firm, too     {share(len(found), len(own))}")
        for sweep in own[0]["sweeps"]:
            count = sum(one["sweeps"][sweep] and is_to_confirm(one) for one in own)
            print(f"    had the sweep {sweep}     {share(count, len(own))}")
        print(f"  confirmed: refused      {share(sum(one['verdict'] == SAME for one in found), len(own))}\n"
              f"  least pairs, thinned    {sorted((one['pairs'], one['thinned']) for one in own)[:8]}")

    def _show_others(self):
        hits = [hit for line in self.lines for hit in line["hits"]]
        templates = sum(line["templates"] for line in self.lines)
        seen = NUMBERS["ALIKE_PAIRS"] / 100 if self.single else 1
        firm = sum(is_to_confirm(hit) for hit in hits)
        same = sum(is_named(hit) for hit in hits)
        asked = sum(any(map(is_to_confirm, line["hits"])) for line in self.lines)
        wrong = sum(any(map(is_named, line["hits"])) for line in self.lines)
        print(f"others: {len(self.lines)} subjects, {templates} comparisons, {len(hits)} hit "
              f"({1e6 * len(hits) / templates:.0f} in a million)\n"
              f"  asked without need      {share(asked, len(self.lines))} of these enrolments, at a median of "
              f"{statistics.median(line['templates'] for line in self.lines):.0f} templates\n"
              f"  somebody else named     {share(wrong, len(self.lines))}")
        for what, count in (("asked", firm), ("named", same)):
            high = clopper_pearson(count, templates)[1] / seen
            print(f"  {what}: {count} comparisons; 95 %: fewer than {1e6 * high:.1f} in a million, of enrolments " +
                  ", ".join(f"{percent_of(high, size):.1f} % at {size}" for size in SIZES))
        print(f"  nearest (presses, pairs, thinned, nearness): " + ", ".join(
            f"({hit['hit']}, {hit['pairs']}, {hit['thinned']}, {nearness(hit):.2f})"
            for hit in sorted(hits, key=nearness)[-8:]))

    def _show_tail(self):
        print("  asked without need, extrapolated (95 % by drawing subjects again):")
        for law in LAWS:
            for threshold in THRESHOLDS:
                self._show_law(law, threshold)

    def _show_law(self, law, threshold):
        rate, low, high, count = Tail(self.lines, self.single, threshold, law).estimate()
        shares = ", ".join(f"{percent_of(rate, size):.2f} % ({percent_of(low, size):.2f}-{percent_of(high, size):.2f}) "
                           f"at {size}" for size in SIZES)
        print(f"    {law} above {threshold} ({count}): " +
              (f"{1e6 * rate:.2f} in a million; of enrolments {shares}" if count >= ENOUGH else "too few"), flush=True)
