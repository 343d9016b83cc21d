# SPDX-License-Identifier: Apache-2.0
"""Which devices the demonstration uses: the reader and the sensor of this machine where toyama sees them, and
virtual ones for what is missing."""
import os
import pathlib
import socket
import sys
import threading
import time

import overlay

SYSFS = pathlib.Path("/sys/bus/usb/devices")
PCSCD = "/run/pcscd"
DRIVERS = "/usr/lib/pcsc/drivers/ifd-ccid.bundle"
NOTE = "TOYAMA_DEMO_DEVICES"
LOCK = "\0toyama-demo"
VIRTUAL = "Virtual PCD"
PATIENCE = 3.0  # seconds for a pcscd that has only just started to find its readers
_held = []      # the lock, for as long as the process lives


def real_readers(names):
    """Those that no virtual card can be put into."""
    return [name for name in names if not name.startswith(VIRTUAL)]


def readers_of(rows):
    """The names in the answer of admin.sock's "devices"."""
    return [row["name"] for row in rows if row["kind"] == "reader"]


def drivers_of(rows):
    """The drivers of real sensors in that answer."""
    return [row["driver"] for row in rows if row["kind"] == "sensor" and not row["driver"].startswith("virtual_")]


def first_sensor(rows, admitted):
    """(driver, name) of the first real sensor that a host may be configured with; (None, None) where there is none.
    `admitted(driver)`: whether toyama takes that configuration."""
    for driver in drivers_of(rows):
        if admitted(driver):
            name = next(row["name"] for row in rows if row["kind"] == "sensor" and row["driver"] == driver)
            return driver, name
    return None, None


def decide(forced, terminal, alone, machine):
    """What to do about real devices: "use" them, with this machine's pcscd where that has a reader ("machine"), or
    the reason why not."""
    if forced:
        return "forced"
    if not terminal:
        return "no-terminal"
    if not alone():
        return "taken"
    return "machine" if machine() else "use"


def _alone():
    """No other demonstration on this machine uses real devices."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        lock.bind(LOCK)
    except OSError:
        lock.close()
        return False
    lock.set_inheritable(True)
    _held.append(lock)
    return True


def _reader_is_plugged():
    """USB class 0B: smart card."""
    for file in SYSFS.glob("*/bInterfaceClass"):
        try:
            if file.read_text(encoding="ascii").strip() == "0b":
                return True
        except OSError:
            continue
    return False


def _poll(condition):
    """condition(), repeated while a reader that is plugged in may still appear."""
    end = time.monotonic() + (PATIENCE if _reader_is_plugged() else 0)
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.2)
    return found


def _listed():
    """Real readers of the pcscd at the usual socket."""
    import scard  # pylint: disable=import-outside-toplevel
    try:
        with scard.Context() as context:
            return real_readers(context.readers())
    except scard.SCardError:
        return []


def _machine():
    """This machine's own pcscd has a real reader: it keeps the reader for itself, so that another one could not.
    Asked in a thread, because a daemon that hangs lets its clients hang."""
    found = []
    if not os.path.exists(f"{PCSCD}/pcscd.comm"):
        return False
    asking = threading.Thread(target=lambda: found.extend(_poll(_listed)), daemon=True)
    asking.start()
    asking.join(2 * PATIENCE)
    return bool(found)


def begin():
    """overlay.begin(), with a look around before: decides, and keeps what is needed of this machine."""
    if overlay.MARK not in os.environ:
        sys.path.insert(0, str(overlay.SOURCE / "tests" / "devices"))
        os.environ[NOTE] = decide("--virtual" in sys.argv, os.isatty(0), _alone, _machine)
    overlay.begin(keep=[PCSCD] if os.environ[NOTE] == "machine" else [])


class World:
    """Which pcscd the programs find. Where this machine's own one has the reader, there are two."""

    def __init__(self):
        self.kept = f"{overlay.MACHINE}{PCSCD}"

    def _real(self):
        return os.path.isdir(self.kept) and os.path.samefile(self.kept, PCSCD)

    def real(self):
        """Real readers."""
        if os.path.isdir(self.kept) and not self._real():
            overlay.bind(self.kept, PCSCD, read_only=True)

    def virtual(self):
        """Virtual readers, beside real ones where one pcscd has both."""
        if self._real():
            overlay.unbind(PCSCD)


class Found:
    """What there is. `reader`: its name, or None; `driver` and `sensor`: of the real sensor, or None; `note`: the
    reason why nobody looked, or None."""

    def __init__(self):
        decided = os.environ[NOTE]
        self.note = None if decided in ("use", "machine") else decided
        self.reader = self.driver = self.sensor = None
        if decided != "use" and os.path.isdir(DRIVERS):
            os.mkdir(f"{overlay.SCRATCH}/no-drivers")
            overlay.bind(f"{overlay.SCRATCH}/no-drivers", DRIVERS)  # the virtual readers' pcscd leaves USB alone

    def look(self, world, probe):
        """With a host that does not run yet, and a pcscd that does."""
        if self.note is not None:
            return
        overlay.give_usb("toyama-usb")
        world.real()
        probe.init()
        probe.start()
        answers = []
        _poll(lambda: answers.append(probe.must("devices").rows) or real_readers(readers_of(answers[-1])))
        probe.stop()
        self.reader = next(iter(real_readers(readers_of(answers[-1]))), None)
        self.driver, self.sensor = first_sensor(answers[-1], lambda driver: takes(probe, driver))
        probe.forget()


def takes(probe, driver):
    """Whether the zone that asks for fingers takes that driver."""
    probe.configure("individual-number", "card finger", sensors=driver, sensor_socket=None, demo="no")
    return probe.program("--check-config").returncode == 0
