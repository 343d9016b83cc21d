# SPDX-License-Identifier: Apache-2.0
"""The octets of one serialised print, to forge what a sensor never wrote.

FP3 is b"FP3" and the GVariant (issbymsmsia{sv}v), little-endian: type, driver, device, stored on
the device, finger, user, description, date, {}, minutiae."""
import struct

MAGIC = b"FP3"


def _offset_size(total):
    return 1 if total <= 0xFF else 2 if total <= 0xFFFF else 4


def _pad(octets, align):
    return octets + b"\0" * (-len(octets) % align)


class Fp3:
    """Takes a print apart and puts it together with something changed."""

    def __init__(self, octets):
        if not octets.startswith(MAGIC):
            raise ValueError("no FP3")
        self.body = octets[len(MAGIC):]
        size = _offset_size(len(self.body))
        ends = [int.from_bytes(self.body[-size * n:][:size], "little") for n in range(1, 6)]
        self.driver_end, self.device_end, user_end, text_end, dict_end = ends
        self.type = self.body[:4]
        self.driver = self.body[4:self.driver_end]
        self.device = self.body[self.driver_end:self.device_end]
        self.stored_finger = self.body[self.device_end:self.device_end + 2]
        self.user = self.body[self.device_end + 2:user_end]
        self.text = self.body[user_end:text_end]
        date_at = text_end + -text_end % 4
        self.date = self.body[date_at:date_at + 4]
        self.dict = self.body[date_at + 4 + -(date_at + 4) % 8:dict_end]
        self.data = self.body[dict_end + -dict_end % 8:len(self.body) - 5 * size]

    def _build(self, driver, device, data):
        out, ends = self.type + driver, []
        ends.append(len(out))
        out += device
        ends.append(len(out))
        out += self.stored_finger + self.user
        ends.append(len(out))
        out += self.text
        ends.append(len(out))
        out = _pad(_pad(out, 4) + self.date, 8) + self.dict
        ends.append(len(out))
        out = _pad(out, 8) + data
        size = 1
        while _offset_size(len(out) + 5 * size) > size:
            size *= 2
        return MAGIC + out + b"".join(e.to_bytes(size, "little") for e in reversed(ends))

    def retagged(self, driver, device="0"):
        """The same print with other names of driver and device."""
        return self._build(driver.encode() + b"\0", device.encode() + b"\0", self.data)

    def with_data(self, data):
        """The same print of other minutiae."""
        return self._build(self.driver, self.device, data)

    def with_first_coordinate(self, value):
        """The same print whose first x is `value`."""
        return self.with_data(struct.pack("<i", value) + self.data[4:])

    def names_end(self):
        """Octets up to here hold type, driver, device and finger."""
        return len(MAGIC) + self.device_end + 2
