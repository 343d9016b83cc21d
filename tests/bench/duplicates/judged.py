# SPDX-License-Identifier: Apache-2.0
"""What searches brought, a line a subject in a file, and what follows from it by the rule as it is now: a book that was
written under a rule that asked more often can still be read, one of a stricter rule not."""
import itertools
import json
import math
import os
import random
import statistics
import threading

from intervals import clopper_pearson, share
from searcher import NUMBERS, QUARTERS, alone, is_to_confirm

SIZES = (2000, 10000)
SAME, DIFFERENT = "same", "different"
PEOPLE = 2000
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


def nearness_alone(hit):
    """1 and more: so that the finger is refused although no second one is alike."""
    pairs = hit["presses"] * hit["prints"]
    return min(hit["pairs"] / pairs * 100 / NUMBERS["ALONE_PAIRS"],
               hit["thinned"] / (QUARTERS * pairs) * 100 / NUMBERS["ALONE_FIRM"])


def weight(hit, single):
    """For how many the hit stands: one press against one print sees somebody with the share of his pairs."""
    return hit["presses"] * hit["prints"] / hit["pairs"] if single and hit["pairs"] else 1


class Tail:
    """What lies beyond the rule, if those near it go on falling off by a law."""

    def __init__(self, lines, single, threshold, law, near):
        self.threshold, self.law = threshold, LAWS[law]
        self.near = [[(near(hit), weight(hit, single)) for hit in line["hits"]] for line in lines]
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


def is_sure(hit):
    """Fresh presses of the finger say so, too: another finger is asked for."""
    return is_to_confirm(hit) and hit["verdict"] == SAME


def passes_second(hit):
    """How probable it is that presses as these, one after the other and none twice, prove somebody by his second
    finger."""
    hits, misses = NUMBERS["SECOND_HITS"], NUMBERS["SECOND_MISS"]
    good, bad = hit["hit"], hit["presses"] - hit["hit"]

    def share_of(got, missed):
        if got == hits:
            return 1.0
        rest = good - got + bad - missed
        if missed == misses or rest == 0:
            return 0.0
        return ((good - got) * share_of(got + 1, missed) if good > got else 0.0) / rest + (
            (bad - missed) * share_of(got, missed + 1) if bad > missed else 0.0) / rest
    return share_of(0, 0)


class Duplicates:
    """People who are registered twice, by any fingers of the book: {finger: its turns}."""

    def __init__(self, lines):
        self.turns = {}
        for line in lines:
            own = line["own"]
            first = own["swept"] and is_sure(own)
            unsure = own["swept"] and is_to_confirm(own) and not is_sure(own) and own["verdict"] != DIFFERENT
            self.turns.setdefault(line["subject"][0], []).append(
                {"first": first, "second": own["second"] == SAME, "refused": unsure or (first and alone(own))})

    def _share(self, chosen, count, judge):
        """Of people with so many different ones of the chosen fingers."""
        people = list(itertools.combinations(chosen, count))
        dice = random.Random(2)
        if len(people) > PEOPLE:
            people = dice.sample(people, PEOPLE)
        judged = [judge([dice.choice(self.turns[name]) for name in names]) for names in people for _ in range(4)
                  if len(set(names)) == count]
        return sum(judged) / len(judged)

    def show(self, what, count, judge):
        names = sorted(self.turns)
        dice = random.Random(1)
        drawn = sorted(self._share(dice.choices(names, k=len(names)), count, judge) for _ in range(ROUNDS // 10))
        print(f"  {what:44} {100 * self._share(names, count, judge):.1f} % "
              f"({100 * drawn[len(drawn) // 40]:.1f}-{100 * drawn[-len(drawn) // 40 - 1]:.1f})", flush=True)

    @staticmethod
    def named(fingers):
        """By the search for one of them and presses of another one."""
        return any(one["first"] and any(other["second"] for other in fingers if other is not one) for one in fingers)

    @staticmethod
    def named_at_first(fingers):
        return fingers[0]["first"] and any(other["second"] for other in fingers[1:])

    @staticmethod
    def stopped(fingers):
        """Named, or one of the fingers was refused."""
        return Duplicates.named(fingers) or any(one["refused"] for one in fingers)


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
            self._show_duplicates()
        if any(line["templates"] for line in self.lines):
            self._show_others()
            self._show_second()
            self._show_tail()

    def _show_own(self):
        own = [line["own"] for line in self.lines if line["own"]]
        found = [one for one in own if one["swept"] and is_to_confirm(one)]
        print(f"true duplicates\n  hit by the sweep        {share(sum(one['swept'] for one in own), len(own))}")
        print(f"  alike and firm, too     {share(len(found), len(own))}")
        for sweep in own[0]["sweeps"]:
            count = sum(one["sweeps"][sweep] and is_to_confirm(one) for one in own)
            print(f"    had the sweep {sweep}     {share(count, len(own))}")
        sure = [one for one in found if one["verdict"] == SAME]
        print(f"  confirmed               {share(len(sure), len(own))}\n"
              f"  refused for this alone  {share(sum(map(alone, sure)), len(own))}\n"
              f"  passes as second finger {share(sum(one['second'] == SAME for one in own), len(own))}\n"
              f"  least pairs, thinned    {sorted((one['pairs'], one['thinned']) for one in own)[:8]}")

    def _show_duplicates(self):
        people = Duplicates([line for line in self.lines if line["own"]])
        for count in (2, 3):
            people.show(f"of people with {count} fingers named by the first", count, Duplicates.named_at_first)
            people.show("  by any of them", count, Duplicates.named)
            people.show("  named, or one finger was refused", count, Duplicates.stopped)

    def _show_others(self):
        hits = [hit for line in self.lines for hit in line["hits"]]
        templates = sum(line["templates"] for line in self.lines)
        seen = NUMBERS["ALIKE_PAIRS"] / 100 if self.single else 1
        firm = sum(is_to_confirm(hit) for hit in hits)
        same = sum(is_sure(hit) for hit in hits)
        asked = sum(any(map(is_to_confirm, line["hits"])) for line in self.lines)
        wrong = sum(any(map(is_sure, line["hits"])) for line in self.lines)
        refused = sum(any(is_sure(hit) and alone(hit) for hit in line["hits"]) for line in self.lines)
        print(f"others: {len(self.lines)} subjects, {templates} comparisons, {len(hits)} hit "
              f"({1e6 * len(hits) / templates:.0f} in a million)\n"
              f"  asked without need      {share(asked, len(self.lines))} of these enrolments, at a median of "
              f"{statistics.median(line['templates'] for line in self.lines):.0f} templates\n"
              f"  a second finger asked   {share(wrong, len(self.lines))}\n"
              f"  refused for this alone  {share(refused, len(self.lines))}")
        for what, count in (("asked", firm), ("second asked", same)):
            high = clopper_pearson(count, templates)[1] / seen
            print(f"  {what}: {count} comparisons; 95 %: fewer than {1e6 * high:.1f} in a million, of enrolments " +
                  ", ".join(f"{percent_of(high, size):.1f} % at {size}" for size in SIZES))
        print(f"  nearest (presses, pairs, thinned, nearness): " + ", ".join(
            f"({hit['hit']}, {hit['pairs']}, {hit['thinned']}, {nearness(hit):.2f})"
            for hit in sorted(hits, key=nearness)[-8:]))

    def _show_second(self):
        """Somebody is named whose first finger is alike and whose second one passes, too."""
        seen = NUMBERS["ALIKE_PAIRS"] / 100 if self.single else 1
        templates = sum(line["templates"] for line in self.lines)
        asked = clopper_pearson(sum(is_to_confirm(hit) for line in self.lines for hit in line["hits"]), templates)[1]
        rates = [(sum(passes_second(hit) * weight(hit, self.single) for hit in line["hits"]), line["templates"])
                 for line in self.lines]
        dice = random.Random(1)
        drawn = sorted(self._rate(dice.choices(rates, k=len(rates))) for _ in range(ROUNDS))
        high = drawn[-ROUNDS // 40 - 1]
        print(f"  a stranger's template passes the second step with {1e6 * self._rate(rates):.0f} in a million "
              f"(95 % by drawing subjects again: {1e6 * drawn[ROUNDS // 40]:.0f}-{1e6 * high:.0f})\n"
              f"  so somebody else is named, {NUMBERS['SECONDS_MAX']} more fingers each, 95 % of both: fewer than " +
              ", ".join(f"{percent_of(asked / seen, size) * min(1, NUMBERS['SECONDS_MAX'] * high):.3f} % of enrolments at {size}"
                        for size in SIZES))

    @staticmethod
    def _rate(rates):
        return sum(rate for rate, _ in rates) / sum(count for _, count in rates)

    def _show_tail(self):
        for what, near in (("asked", nearness), ("refused for one finger", nearness_alone)):
            print(f"  {what} without need, extrapolated (95 % by drawing subjects again):")
            for law, threshold in itertools.product(LAWS, THRESHOLDS):
                self._show_law(law, threshold, near)

    def _show_law(self, law, threshold, near):
        rate, low, high, count = Tail(self.lines, self.single, threshold, law, near).estimate()
        shares = ", ".join(f"{percent_of(rate, size):.2f} % ({percent_of(low, size):.2f}-{percent_of(high, size):.2f}) "
                           f"at {size}" for size in SIZES)
        print(f"    {law} above {threshold} ({count}): " +
              (f"{1e6 * rate:.2f} in a million; of enrolments {shares}" if count >= ENOUGH else "too few"), flush=True)
