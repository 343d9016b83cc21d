# SPDX-License-Identifier: Apache-2.0
"""A PC/SC world of a test's own: mount, network and process namespace, pcscd with vpcd readers,
virtual cards.

    if __name__ == "__main__":
        pcscns.enter()          # runs the test again inside; comes back only there
        ...
    pcsc = pcscns.Pcsc(); pcsc.start()
    card = pcscns.VirtualCard(build_dir, slot=0); card.insert(); pcsc.wait_card(0)

Needs root (CAP_SYS_ADMIN). Everything ends with the test, which is the namespace's init."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import scard

MARK = "TOYAMA_PCSC_NAMESPACE"
ROOT = "/run/toyama-test"
BASE_PORT = 0x8C7B
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
TIMEOUT = 5.0
NAMES = ("Virtual PCD", "Second PCD", "Third PCD", "Fourth PCD")
POLL = 0.45  # pcscd looks at a vpcd reader every 0.4 s


def _run(*command):
    subprocess.run(command, check=True)


def enter():
    """Runs this program again in namespaces of its own; returns inside them."""
    if os.environ.get(MARK) == "1" and os.getpid() == 1:
        del os.environ[MARK]
        _prepare()
        return
    if os.geteuid() != 0:
        sys.exit("pcscns: needs root (CAP_SYS_ADMIN) for namespaces")
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "-m", "-n", "-p", "-f", "--mount-proc", "--kill-child=SIGKILL", "--",
                          sys.executable, *sys.argv])


def _prepare():
    """pcscd's socket path is compiled in, so /run is ours alone."""
    _run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run")
    _run("ip", "link", "set", "lo", "up")
    os.makedirs("/run/pcscd")
    os.makedirs(ROOT)


def wait_until(condition, timeout=TIMEOUT, what="condition", step=0.01):
    """The first true value of condition(); TimeoutError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(step)


class Pcsc:
    """pcscd in the foreground. `entries` reader entries of two slots each; slot n of all of them
    listens on port(n)."""

    def __init__(self, entries=1):
        self.entries = entries
        self.process = None
        self.config = f"{ROOT}/reader.conf.d"
        os.makedirs(self.config, exist_ok=True)
        self.configure(entries)

    @staticmethod
    def port(slot):
        """TCP port on which a slot waits for its card. Entries are 16 ports apart."""
        return BASE_PORT + 16 * (slot // 2) + slot % 2

    @staticmethod
    def reader(slot):
        """The reader's name. Each entry needs one of its own: pcscd mixes equal ones up."""
        return f"{NAMES[slot // 2]} 00 {slot % 2:02d}"

    def configure(self, entries):
        """Writes the readers that the next start() will have; 0: none. The driver keeps its state
        by slot number alone, so that each entry needs a copy of it."""
        self.entries = entries
        with open(f"{self.config}/vpcd", "w", encoding="utf-8") as file:
            for n in range(entries):
                port, driver = self.port(2 * n), f"{ROOT}/vpcd{n}.so"
                if not os.path.exists(driver):
                    shutil.copyfile(DRIVER, driver)
                file.write(f'FRIENDLYNAME "{NAMES[n]}"\nDEVICENAME /dev/null:{port:#06x}\n'
                           f"LIBPATH {driver}\nCHANNELID {port:#06x}\n\n")

    def start(self):
        """Comes back when all readers are there."""
        log = open(f"{ROOT}/pcscd.log", "ab")  # pylint: disable=consider-using-with
        with log:
            self.process = subprocess.Popen(["/usr/sbin/pcscd", "--foreground", "-c", self.config],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._ready, what="pcscd and its readers")

    def _ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"pcscd ended with status {self.process.returncode}")
        try:
            with scard.Context() as context:
                return sum(name.startswith(NAMES) for name in context.readers()) == 2 * self.entries
        except scard.SCardError:
            return False

    def _end(self, number, timeout):
        self.process.send_signal(number)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        for name in ("pcscd.comm", "pcscd.pid"):
            if os.path.exists(f"/run/pcscd/{name}"):
                os.unlink(f"/run/pcscd/{name}")

    def stop(self):
        """Ends pcscd in good order."""
        if self.process is not None:
            self._end(signal.SIGTERM, TIMEOUT)

    def kill(self):
        """Ends pcscd with SIGKILL."""
        if self.process is not None:
            self._end(signal.SIGKILL, TIMEOUT)

    def has_card(self, slot):
        """True where pcscd sees a card in the slot."""
        try:
            with scard.Context() as context:
                return context.state(self.reader(slot)) & scard.STATE_PRESENT != 0
        except scard.SCardError:
            return False

    def wait_card(self, slot, present=True, settle=True):
        """Until pcscd sees that the card is there, or gone. A failed command tells pcscd before its
        polling thread knows; a card inserted before that would never be noticed. settle=False: no
        command was going on."""
        wait_until(lambda: self.has_card(slot) == present, what=f"card in slot {slot}: {present}")
        if not present and settle:
            time.sleep(POLL)


class VirtualCard:
    """A virtual-card process. `options` are its command line options, a list for several of one. Absent at
    first."""

    def __init__(self, build_dir, slot=0, name=None, like="A", **options):
        self.slot = slot
        self.name = name or f"card{slot}"
        self.state = f"{ROOT}/{self.name}.state"
        self.control = f"{ROOT}/{self.name}.{slot}.ctl"
        command = [f"{build_dir}/tests/virtual/card/virtual-card", "--state", self.state, "--control", self.control,
                   "--port", str(Pcsc.port(slot)), "--like", like, "--create", "--absent"]
        for option, values in options.items():
            for value in values if isinstance(values, list) else [values]:
                command += ["--" + option.replace("_", "-"), str(value)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.socket = None
        self.may_drop = False  # told to vanish in the middle of a command
        wait_until(self._connect, what=f"{self.name}'s control socket")

    def _connect(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self.process.returncode}")
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self.control)
        except OSError:
            sock.close()
            return False
        sock.settimeout(TIMEOUT)
        self.socket = sock.makefile("rw", encoding="ascii")
        sock.close()
        return True

    def ask(self, line):
        """The lines of the answer, the closing one last; RuntimeError on "error"."""
        self.may_drop = self.may_drop or "drop" in line or "hang" in line
        self.socket.write(line + "\n")
        self.socket.flush()
        lines = []
        while True:
            answer = self.socket.readline().rstrip("\n")
            lines.append(answer)
            if answer.startswith("ok"):
                return lines
            if not answer or answer == "error":
                raise RuntimeError(f"{self.name}: {line!r} failed")

    def insert(self):
        """Puts the card into its reader."""
        self.ask("insert")

    def remove(self):
        """Pulls it."""
        self.ask("remove")

    def counts(self):
        """(APDUs, octets of commands, octets of answers) since insertion."""
        return tuple(int(word) for word in self.ask("counts")[0].split()[1:])

    def tries(self):
        """PIN tries left."""
        return int(self.ask("tries")[0].split()[1])

    def log(self):
        """[(command, answer)] in hex; after ask("log on"). The answer is "" where none went out."""
        pairs = []
        for line in self.ask("log show")[:-1]:
            if line.startswith("> "):
                pairs.append([line[2:], ""])
            elif pairs:
                pairs[-1][1] = line[2:]
        return [tuple(pair) for pair in pairs]

    def public_key(self, ref):
        """Path of the PEM file with the public key of a slot, as the card's certificate has it."""
        path = f"{ROOT}/{self.name}.{ref:02X}.pem"
        out = subprocess.run(["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"],
                             input=self.certificate(ref), capture_output=True, check=True).stdout
        with open(path, "wb") as file:
            file.write(out)
        return path

    def certificate(self, ref):
        """DER of a slot's certificate."""
        with open(self.state, encoding="ascii") as file:
            return next(bytes.fromhex(line.split()[3]) for line in file if line.startswith(f"cert {ref:02X} "))

    def end(self, forget=True):
        """Ends the process; its state file, too, unless it shall be used again."""
        self.process.terminate()
        self.process.wait()
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        if forget and os.path.exists(self.state):
            os.unlink(self.state)


def copy_state(card, name):
    """A second card of the same keys: the state file under another name."""
    shutil.copyfile(card.state, f"{ROOT}/{name}.state")
