# SPDX-License-Identifier: Apache-2.0
"""Exact confidence intervals of a share (Clopper and Pearson, Biometrika 26, 1934)."""
import math


def _tail(k, n, p):
    """Probability of k or more hits of n."""
    if k <= 0:
        return 1.0
    if p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    total = 0.0
    for i in range(k, n + 1):
        total += math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) +
                          i * math.log(p) + (n - i) * math.log1p(-p))
    return min(total, 1.0)


def _solve(function, target):
    """The p at which a growing function reaches the target."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if function(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def clopper_pearson(k, n, confidence=0.95):
    """(low, high) for k of n."""
    alpha = (1 - confidence) / 2
    low = 0.0 if k == 0 else _solve(lambda p: _tail(k, n, p), alpha)
    high = 1.0 if k == n else _solve(lambda p: _tail(k + 1, n, p), 1 - alpha)
    return low, high


def share(k, n):
    """For people: '1.2 % (1 of 80; 0.03-6.8)'."""
    if n == 0:
        return "-"
    low, high = clopper_pearson(k, n)
    return f"{100 * k / n:.2f} % ({k} of {n}; 95 % {100 * low:.2f}-{100 * high:.2f})"
