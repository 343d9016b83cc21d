# SPDX-License-Identifier: Apache-2.0
"""The search among all fingers, done with real matchers as the broker does it (toyamad/search.c)."""
import os
import re
import select

from fingerrig import Type, Worker, hits_of, prints_of, row

RULE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "toyamad", "search_rule.h")
BATCH = 256
RIGHT_INDEX = 2


def rule():
    """{name: number} of the product's own rule."""
    with open(RULE, encoding="ascii") as file:
        return {name: int(value) for name, value in re.findall(r"#define SEARCH_(\w+)\s+(\d+)", file.read())}


NUMBERS = rule()
QUARTERS = 4


def alike(hit, presses, prints):
    """search_rule_alike()."""
    return (hit[0] > 0 and hit[0] * 100 >= presses * NUMBERS["ALIKE_PRESSES"] and
            hit[1] * 100 >= presses * prints * NUMBERS["ALIKE_PAIRS"])


def firm(pairs, presses, prints):
    """search_rule_firm()."""
    return pairs > 0 and pairs * 100 >= QUARTERS * presses * prints * NUMBERS["FIRM_PAIRS"]


def alone(hit):
    """search_rule_alone()."""
    pairs = hit["presses"] * hit["prints"]
    return (hit["pairs"] * 100 >= pairs * NUMBERS["ALONE_PAIRS"] and
            hit["thinned"] * 100 >= QUARTERS * pairs * NUMBERS["ALONE_FIRM"])


class Matchers:
    """One for each processor. `templates`: {id: template}."""

    def __init__(self, program, pictures, count=None):
        self.workers = []
        for _ in range(count or len(os.sched_getaffinity(0))):
            worker = Worker(program)
            worker.send(Type.MATCHER)
            self.workers.append(worker)
        for worker in self.workers:
            if worker.receive().type != Type.READY:
                raise RuntimeError("a matcher is not ready")
            worker.probe(pictures)

    def compare(self, templates, presses, samples, left_out=None):
        """{id: (presses, pairs)} of those that were hit."""
        queue, busy, found = list(templates.items()), {}, {}
        batch = max(1, min(BATCH, len(queue) // (2 * len(self.workers))))
        idle = list(self.workers)
        while queue or busy:
            while queue and idle:
                worker, part = idle.pop(), [queue.pop() for _ in range(min(batch, len(queue)))]
                worker.gallery(*[row(ident, RIGHT_INDEX, template) for ident, template in part])
                worker.request(Type.COMPARE, presses=presses, samples=samples, left_out=left_out)
                busy[worker.ours] = (worker, len(part))
            for ready in select.select(list(busy), [], [])[0]:
                worker, sent = busy.pop(ready)
                answer = worker.receive()
                if answer is None or answer.type != Type.COMPARED or answer.count != sent:
                    raise RuntimeError(f"matcher: {answer}")
                found.update(hits_of(answer))
                idle.append(worker)
        return found

    def stop(self):
        for worker in self.workers:
            worker.stop()


class Searcher:
    """The matchers of one enrolment, and what they find."""

    def __init__(self, program, pictures, count=None):
        self.matchers, self.presses = Matchers(program, pictures, count), len(pictures)

    def sweep(self, templates, presses=NUMBERS["SWEEP_PRESSES"], samples=NUMBERS["SWEEP_SAMPLES"]):
        """The ids that were hit."""
        return set(self.matchers.compare(templates, min(presses, self.presses), samples))

    def look(self, templates):
        """{id: hit} with presses, pairs and pairs without a quarter; also of those who are not alike."""
        looked = self.matchers.compare(templates, self.presses, NUMBERS["LOOK_SAMPLES"])
        thinned = {}
        for quarter in range(1, QUARTERS + 1):
            for ident, (_, pairs) in self.matchers.compare(templates, self.presses, NUMBERS["LOOK_SAMPLES"],
                                                           quarter).items():
                thinned[ident] = thinned.get(ident, 0) + pairs
        return {ident: {"hit": looked.get(ident, (0, 0))[0], "pairs": looked.get(ident, (0, 0))[1],
                        "thinned": thinned.get(ident, 0), "presses": self.presses,
                        "prints": len(prints_of(template))} for ident, template in templates.items()}

    def stop(self):
        self.matchers.stop()


def is_to_confirm(hit):
    return (alike((hit["hit"], hit["pairs"]), hit["presses"], hit["prints"]) and
            firm(hit["thinned"], hit["presses"], hit["prints"]))
