# SPDX-License-Identifier: Apache-2.0
"""A terminal that takes rosters from a folder by itself, whatever else lies there.

    roster_inbox_test.py BUILD_DIR"""
import ctypes
import os
import shutil
import struct
import sys
import threading
import time
import unittest

import brokerrig
import pcscns
import rosterrig

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
ZONE = "lgwan"
WAIT = 20
INBOX = f"{pcscns.ROOT}/inbox"


class World:
    """A zone, and a terminal that has joined it."""
    zone = joined = None


def setUpModule():  # pylint: disable=invalid-name
    World.zone = rosterrig.Zone(ZONE)
    World.zone.add(rosterrig.person("100", "hanako", ZONE, credentials=[rosterrig.card()]))
    terminal = brokerrig.Broker(BUILD, ZONE, name="joined", register="taken")
    terminal.join(World.zone)
    World.joined = terminal.state


class Inbox(unittest.TestCase):
    """A folder that anybody may write to."""

    def setUp(self):
        os.mkdir(INBOX)
        os.chmod(INBOX, 0o1777)
        self.zone = World.zone.fresh()
        self.broker = brokerrig.Broker(BUILD, ZONE, name="terminal", register="taken", roster_inbox=INBOX)
        shutil.copytree(World.joined, self.broker.state)

    def tearDown(self):
        self.broker.check_clean()
        shutil.rmtree(self.broker.directory)
        shutil.rmtree(INBOX)

    def put(self, name, content):
        """Arrives whole, as a good copier does it."""
        with open(f"{INBOX}/.{name}.part", "wb") as file:
            file.write(content)
        os.rename(f"{INBOX}/.{name}.part", f"{INBOX}/{name}")

    def number(self):
        """Of the installed issue."""
        return int(self.broker.must("roster.status").rows[0]["roster"])

    def until(self, number):
        pcscns.wait_until(lambda: self.number() == number, WAIT, f"issue {number}", 0.1)

    def refusals(self):
        """[(file, cause)], the oldest first."""
        return [(event.get("file"), event["cause"]) for event in self.broker.events(60)
                if event["kind"] == "roster-refused"]

    def until_refused(self, *wanted):
        def there():
            return set(wanted) <= set(self.refusals())
        try:
            pcscns.wait_until(there, WAIT, "refusals", 0.1)
        except TimeoutError:
            self.fail(f"{self.refusals()} {self.broker.log()[-1500:]}")

    def test_arrives(self):
        self.broker.start()
        self.zone.issue()
        self.put("L-R8-0001.roster", self.zone.file())
        self.until(1)
        row = self.broker.must("roster.status").rows[0]
        self.assertEqual((row["source"], row["media"], row["operator"]), ("inbox", "USB-07", ""))
        self.assertEqual(self.broker.events(1)[0]["file"], "L-R8-0001.roster")
        self.zone.add(rosterrig.person("200", "taro", ZONE))
        self.zone.issue()
        self.put("L-R8-0002.roster", self.zone.file(1))
        self.until(2)
        self.assertEqual(sorted(os.listdir(INBOX)), ["L-R8-0001.roster", "L-R8-0002.roster"])
        self.assertEqual(self.refusals(), [])

    def test_lies_there_at_start(self):
        """The newest is taken, and the older ones are not even tried."""
        for number in (1, 2, 3):
            self.zone.issue()
            self.put(f"{4 - number}.roster", self.zone.file())
        self.broker.start()
        self.until(3)
        self.assertEqual([event["from"] for event in self.broker.events(20) if event["kind"] == "roster-imported"],
                         ["0"])
        self.assertEqual(self.refusals(), [])
        self.broker.check_clean()
        self.broker.start()
        time.sleep(2)
        self.assertEqual((self.number(), self.refusals()), (3, []))

    def test_changes_that_come_before_their_base(self):
        self.zone.issue()
        first = self.zone.file()
        self.zone.issue()
        self.put("2.roster", self.zone.file(1))
        self.broker.start()
        self.until_refused(("2.roster", "gap"))
        self.put("1.roster", first)
        self.until(2)
        self.assertEqual(self.refusals(), [("2.roster", "gap")])

    def test_what_is_no_good(self):
        """Recorded once, by name and cause; the good one is found among the others."""
        self.zone.issue()
        good = self.zone.file()
        other = rosterrig.Zone("internet")
        other.issue()
        self.put("damaged.roster", good[:-7])
        self.put("text.roster", b"what is this")
        self.put("empty.roster", b"")
        self.put("foreign.roster", other.file())
        self.put("0.txt", good)
        self.put(".hidden.roster", good[:-1])
        os.symlink("/etc/shadow", f"{INBOX}/link.roster")
        os.mkfifo(f"{INBOX}/fifo.roster")
        os.mkdir(f"{INBOX}/folder.roster")
        self.put("strange\n\x1b[31m\udcff.roster", b"x")
        before = {name: os.lstat(f"{INBOX}/{name}").st_mtime_ns for name in os.listdir(INBOX)}
        self.broker.start()
        self.until_refused(("damaged.roster", "damaged"), ("text.roster", "damaged"), ("empty.roster", "damaged"),
                           ("foreign.roster", "zone"), ("link.roster", "unreadable"), ("fifo.roster", "unreadable"),
                           ("folder.roster", "unreadable"))
        self.put("good.roster", good)
        self.until(1)
        time.sleep(4)  # and it is looked at once more
        found = self.refusals()
        self.assertEqual(len(found), len(set(found)), found)
        self.assertEqual(len(found), 8, found)
        self.assertNotIn("\x1b", self.broker.log())
        os.unlink(f"{INBOX}/good.roster")
        self.assertEqual({name: os.lstat(f"{INBOX}/{name}").st_mtime_ns for name in os.listdir(INBOX)}, before)

    def test_slowly_written(self):
        """Half a file is not judged."""
        self.broker.start()
        self.zone.issue()
        content = self.zone.file()
        with open(f"{INBOX}/slow.roster", "wb", buffering=0) as file:
            for at in range(0, len(content), len(content) // 8 + 1):
                file.write(content[at:at + len(content) // 8 + 1])
                time.sleep(0.4)
        self.until(1)
        self.assertEqual(self.refusals(), [])

    def test_a_flood(self):
        """Bad files fill neither the log nor the time of this host."""
        for n in range(200):
            self.put(f"{n}.roster", b"bad %d" % n)
        self.zone.issue()
        self.broker.start()
        pcscns.wait_until(lambda: len(self.refusals()) >= 1, WAIT, "a refusal", 0.1)
        begun = time.monotonic()
        self.broker.must("status")
        self.assertLess(time.monotonic() - begun, 2)
        self.broker.must("roster.import", file=self.zone.file())
        time.sleep(3)
        self.assertLessEqual(len(self.refusals()), 32)

    def test_folder_that_is_not_there(self):
        os.rmdir(INBOX)
        self.broker.start()
        pcscns.wait_until(lambda: "roster_inbox: " in self.broker.log(), WAIT, "a warning", 0.1)
        os.mkdir(INBOX)
        self.zone.issue()
        self.broker.must("roster.import", file=self.zone.file())  # looks again
        self.zone.issue()
        self.put("2.roster", self.zone.file(1))
        self.until(2)
        self.assertEqual(self.broker.log().count("No such file"), 1)
        self.assertIn("can be read again", self.broker.log())

    def test_folder_that_does_not_answer(self):
        """Logins and operators do not wait for it."""
        holder = Holder(INBOX)
        self.zone.issue()
        self.put("1.roster", self.zone.file())
        self.broker.start()
        holder.wait()
        begun = time.monotonic()
        self.assertEqual(self.broker.must("roster.status").rows[0]["roster"], "0")
        login = self.broker.login(user="hanako")
        login.until("M01")
        login.hang_up()
        self.assertLess(time.monotonic() - begun, 3)
        holder.release()
        self.until(1)


class Holder:
    """Whoever opens something in the folder waits (fanotify(7)), as for a server that is gone."""
    CLASS_CONTENT, OPEN_PERM, EVENT_ON_CHILD, ONDIR, MARK_ADD, ALLOW = 4, 0x10000, 0x08000000, 0x40000000, 1, 1

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.fanotify_init(self.CLASS_CONTENT, os.O_RDONLY)
        mask = ctypes.c_uint64(self.OPEN_PERM | self.EVENT_ON_CHILD | self.ONDIR)
        if self.fd < 0 or libc.fanotify_mark(self.fd, self.MARK_ADD, mask, -100, folder.encode()) < 0:
            raise OSError(ctypes.get_errno(), "fanotify")
        self.held, self.let, self.seen = [], False, threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        own = os.getpid()
        while True:
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                return
            while data:
                size, _, _, _, _, fd, pid = struct.unpack_from("=IBBHQii", data)
                data = data[size:]
                if self.let or pid == own:
                    self._allow(fd)
                else:
                    self.held.append(fd)
                    self.seen.set()

    def _allow(self, fd):
        os.write(self.fd, struct.pack("=iI", fd, self.ALLOW))
        os.close(fd)

    def wait(self):
        """Until somebody waits."""
        if not self.seen.wait(WAIT):
            raise TimeoutError("nobody opened the folder")

    def release(self):
        """Everybody goes on."""
        self.let = True
        for fd in self.held:
            self._allow(fd)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
