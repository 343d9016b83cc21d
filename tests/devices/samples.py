# SPDX-License-Identifier: Apache-2.0
"""Two-sample tests: could these two lists of times come from one distribution?"""
import math


def mann_whitney(one, other):
    """Two-sided p of the rank sum, by the normal approximation with ties and continuity correction."""
    n, m = len(one), len(other)
    ranked = sorted([(x, 0) for x in one] + [(x, 1) for x in other])
    ranks, ties, at = 0.0, 0.0, 0
    while at < n + m:
        end = at
        while end < n + m and ranked[end][0] == ranked[at][0]:
            end += 1
        size = end - at
        ranks += (at + end + 1) / 2 * sum(1 for _, group in ranked[at:end] if group == 0)
        ties += size ** 3 - size
        at = end
    mean = n * m / 2
    variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
    if variance == 0:
        return 1.0
    distance = max(0.0, abs(ranks - n * (n + 1) / 2 - mean) - 0.5)
    return math.erfc(distance / math.sqrt(2 * variance))


def kolmogorov_smirnov(one, other):
    """p of the largest distance between the two distribution functions (asymptotic)."""
    n, m = len(one), len(other)
    one, other = sorted(one), sorted(other)
    i = j = 0
    distance = 0.0
    while i < n and j < m:
        value = min(one[i], other[j])
        while i < n and one[i] == value:
            i += 1
        while j < m and other[j] == value:
            j += 1
        distance = max(distance, abs(i / n - j / m))
    root = math.sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:
        return 1.0
    return min(1.0, max(0.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))))
