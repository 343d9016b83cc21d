# SPDX-License-Identifier: Apache-2.0
"""A finger of the other hand: the mirrored minutiae of a template are those of a finger that nobody has, too."""
import struct

from fingerrig import prints_of, template_of
from fp3 import Fp3

TYPE = len(b"\0(a(aiaiai))")


def _count(data):
    """Minutiae of the one sample in `data`, behind which stand three offsets of one or two octets."""
    for size in (1, 2):
        count, rest = divmod(len(data) - TYPE - 3 * size, 12)
        if rest == 0:
            return count
    raise ValueError("no print of one sample")


def _mirrored(octets, width):
    print_ = Fp3(octets)
    count = _count(print_.data)
    numbers = struct.unpack_from(f"<{3 * count}i", print_.data)
    points = sorted((width - 1 - x, y, (180 - angle) % 360)
                    for x, y, angle in zip(numbers[:count], numbers[count:2 * count], numbers[2 * count:]))
    return print_.with_data(struct.pack(f"<{3 * count}i", *(n for column in zip(*points) for n in column)) +
                            print_.data[12 * count:])


def mirrored(template, width):
    return template_of([_mirrored(one, width) for one in prints_of(template)])
