# SPDX-License-Identifier: Apache-2.0
"""The search among all fingers, done with real matchers as the broker does it (toyamad/search.c)."""
import os
import re
import select
import time

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


class Result:
    """What one search brought: {id: (presses, pairs)} of sweep and look, {id: pairs} of those that
    are alike without a quarter, four times together, and the ids that are to be confirmed."""

    def __init__(self, swept, looked, thinned, found, seconds):
        self.swept, self.looked, self.thinned, self.found, self.seconds = swept, looked, thinned, found, seconds


def search(program, templates, pictures, count=None):
    """As search.c does it, but that everybody whom the sweep hit is compared without a quarter, too."""
    presses = len(pictures)
    matchers = Matchers(program, pictures, count)
    try:
        begin = time.monotonic()
        swept = matchers.compare(templates, min(NUMBERS["SWEEP_PRESSES"], presses), NUMBERS["SWEEP_SAMPLES"])
        hit = {ident: templates[ident] for ident in swept}
        looked = matchers.compare(hit, presses, NUMBERS["LOOK_SAMPLES"])
        thinned = dict.fromkeys(looked, 0)
        for quarter in range(1, QUARTERS + 1):
            for ident, (_, pairs) in matchers.compare(hit, presses, NUMBERS["LOOK_SAMPLES"], quarter).items():
                thinned[ident] = thinned.get(ident, 0) + pairs
        found = []
        for ident, one in looked.items():
            prints = len(prints_of(templates[ident]))
            if alike(one, presses, prints) and firm(thinned[ident], presses, prints):
                found.append(ident)
        return Result(swept, looked, thinned, found, time.monotonic() - begin)
    finally:
        matchers.stop()
