#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the demonstration does with this machine's devices before it uses them: which sensors toyama takes, the
two pcscds, nodes below /dev/bus/usb. No device is needed.

Usage: demo_devices_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import shutil
import stat
import unittest

import demo_devices
import host
import overlay


class Devices(unittest.TestCase):
    def test_the_zone_decides(self):
        """Drivers that the individual-number zone admits and no others; what nobody knows is refused."""
        probe = host.Host("internet", sensors="", sensor_socket=None)
        names = ("uru4000", "goodixmoc", "elan", "aes4000", "virtual_image", "no_such_driver")
        rows = [{"kind": "sensor", "driver": name, "name": f"a {name}"} for name in names]
        admitted = [name for name in names if demo_devices.takes(probe, name)]
        self.assertEqual(admitted, ["uru4000", "goodixmoc"])
        self.assertEqual(demo_devices.first_sensor(rows[2:], lambda driver: demo_devices.takes(probe, driver)), (None, None))
        self.assertEqual(demo_devices.first_sensor(rows[1:], lambda driver: demo_devices.takes(probe, driver)),
                         ("goodixmoc", "a goodixmoc"))

    def test_two_worlds(self):
        """This machine's pcscd is shown or hidden, and cannot be harmed by what is cleaned up in here."""
        world = demo_devices.World()
        inner, outer = pathlib.Path(demo_devices.PCSCD, "inner"), pathlib.Path(world.kept, "outer")
        inner.touch()
        world.real()
        self.assertTrue(inner.exists(), "nothing is kept")
        os.makedirs(world.kept)
        self.addCleanup(shutil.rmtree, overlay.MACHINE)
        outer.touch()
        for _ in range(2):
            world.real()
            world.real()
            self.assertEqual(os.listdir(demo_devices.PCSCD), ["outer"])
            with self.assertRaises(OSError):
                os.unlink(f"{demo_devices.PCSCD}/outer")
            world.virtual()
            world.virtual()
            self.assertEqual(os.listdir(demo_devices.PCSCD), ["inner"])
        inner.unlink()

    def test_usb(self):
        """The finger worker's group may use the nodes here; those of the machine stay as they were."""
        machine, seen = (f"{overlay.SCRATCH}/{name}" for name in ("machine", "usb"))
        os.makedirs(f"{machine}/001")
        os.mknod(f"{machine}/001/004", 0o600 | stat.S_IFCHR, os.stat("/dev/null").st_rdev)
        before = os.stat(f"{machine}/001/004")
        overlay.bind(machine, seen)
        usual, overlay.USB = overlay.USB, seen
        try:
            overlay.give_usb("toyama-usb")
            overlay.give_usb("toyama-usb")
        finally:
            overlay.USB = usual
        node = pathlib.Path(seen, "001", "004")
        self.assertEqual((node.group(), node.stat().st_mode, node.stat().st_rdev),
                         ("toyama-usb", stat.S_IFCHR | 0o660, before.st_rdev))
        node.write_bytes(b"the device itself")
        after = os.stat(f"{machine}/001/004")
        self.assertEqual((after.st_mode, after.st_gid), (before.st_mode, before.st_gid))


if __name__ == "__main__":
    overlay.begin()
    unittest.main()
