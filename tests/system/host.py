# SPDX-License-Identifier: Apache-2.0
"""A terminal of the city, inside of overlay.enter(): its people, PAM stacks, log, reader, sensor, broker."""
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import threading

import overlay

sys.path.insert(0, str(overlay.SOURCE / "tests" / "devices"))
sys.path.insert(0, str(overlay.SOURCE / "tests" / "virtual" / "pam"))
import brokerrig  # noqa: E402  pylint: disable=wrong-import-position
import pcscns     # noqa: E402  pylint: disable=wrong-import-position

CONFIG = "/etc/toyama/toyama.conf"
REQUIRE = {"individual-number": "card finger", "lgwan": "card", "internet": "card"}
PASSWORD = "correct horse"
FIRST_UID = 30001
PEOPLE = {"hanako": ("012345", "砺波 花子"), "taro": ("012346", "砺波 太郎"), "stranger": (None, "通行人")}
PIN = "123456"
FINGERS = {"hanako": ("f01", "f02"), "taro": ("f03", "f04"), "stranger": ("f05",)}
FRESH = 9  # an impression that no template was made of


def run(*command, **options):
    """A program that has to succeed; what it printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}: {done.stdout}")
    return done.stdout


def _append(path, line):
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def add_people(people=PEOPLE, first=FIRST_UID, password=PASSWORD):
    """Logins with a home, a plain shell and one password."""
    secret = run("openssl", "passwd", "-6", password).strip()
    for number, name in enumerate(people, first):
        home = f"/home/{name}"
        _append("/etc/passwd", f"{name}:x:{number}:{number}::{home}:/bin/sh")
        _append("/etc/group", f"{name}:x:{number}:")
        _append("/etc/shadow", f"{name}:{secret}:19700:0:99999:7:::")
        os.makedirs(home, 0o755)
        os.chown(home, number, number)


def no_delays():
    """Refusals come at once: the tests are many, and nobody guesses."""
    _append("/etc/default/su", "FAIL_DELAY 0")
    path = pathlib.Path("/etc/pam.d/login")
    path.write_text(re.sub(r"delay=\d+", "delay=0", path.read_text(encoding="utf-8")), encoding="utf-8")


def stack(service, *lines):
    """A PAM stack of the test's own."""
    pathlib.Path(f"/etc/pam.d/{service}").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


EXAMPLES = "/usr/share/doc/toyama/examples"
SERVICES = ("su", "sudo", "sudo-i", "login", "sshd", "cron")
DISTRIBUTION = {}


def install_stacks(zone, services=SERVICES, without=None):
    """What the head of the shipped stack says an operator writes into each service. `without`: a pattern of
    lines that he leaves out."""
    name = f"toyama-{zone}"
    shutil.copy(f"{EXAMPLES}/pam.d/{name}", "/etc/pam.d")
    for service in services:
        path = pathlib.Path(f"/etc/pam.d/{service}")
        text = DISTRIBUTION.setdefault(service, path.read_text(encoding="utf-8"))
        text = text.replace("@include common-auth", f"auth include {name}")
        text = text.replace("@include common-account", f"account include {name}\n@include common-account")
        path.write_text(f"{text}\nsession include {name}\n", encoding="utf-8")
    for path in [pathlib.Path(f"/etc/pam.d/{each}") for each in (name, *services) if without]:
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not re.search(without, line)]
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def install_sudoers(*lines):
    """The shipped drop-in, and who may do what."""
    shutil.copy(f"{EXAMPLES}/sudoers.d/toyama", "/etc/sudoers.d/toyama")
    path = pathlib.Path("/etc/sudoers.d/people")
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    path.chmod(0o440)
    run("visudo", "-c")


class Sshd:
    """The real one, at the loopback of this namespace."""

    OPTIONS = ("-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oLogLevel=ERROR",
               "-oNumberOfPasswordPrompts=1", "-oIdentityFile=/run/toyama-test/ssh/user", "-oIdentitiesOnly=yes")

    def __init__(self):
        self.directory = "/run/toyama-test/ssh"
        os.mkdir(self.directory, 0o700)
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.directory}/{name}")
        self.log_path = f"{self.directory}/log"
        lines = ("ListenAddress 127.0.0.1", f"HostKey {self.directory}/host", "UsePAM yes", "LogLevel VERBOSE",
                 "KbdInteractiveAuthentication yes", "PasswordAuthentication yes", "PubkeyAuthentication yes",
                 "PidFile none", "UseDNS no")
        pathlib.Path(f"{self.directory}/config").write_text("\n".join(lines) + "\n", encoding="ascii")
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", f"{self.directory}/config", "-E", self.log_path],
                                        stdin=subprocess.DEVNULL)
        pcscns.wait_until(self._listens, what="sshd")

    @staticmethod
    def _listens():
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", 22)) == 0

    def admit(self, login):
        """The user key opens that login, as far as sshd is concerned."""
        directory = pathlib.Path(pwd.getpwnam(login).pw_dir, ".ssh")
        directory.mkdir(0o700)
        shutil.copy(f"{self.directory}/user.pub", directory / "authorized_keys")
        run("chown", "-R", f"{login}:", str(directory))

    def command(self, login, method, *command):
        """The client's command line."""
        return ["ssh", *self.OPTIONS, f"-oPreferredAuthentications={method}", f"{login}@127.0.0.1", *command]

    def log(self):
        """All that it said."""
        return pathlib.Path(self.log_path).read_text(encoding="utf-8", errors="replace")

    def end(self):
        """Ends the process."""
        self.process.terminate()
        self.process.wait()


class Log:
    """What the programs say to syslog."""

    def __init__(self):
        self.lines = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self):
        while True:
            text = self._socket.recv(65536).decode("utf-8", "replace").rstrip("\0\n")
            self.lines.append(re.sub(r"^<\d+>(\w{3} [ \d]\d [\d:]{8} )?", "", text))

    def mark(self):
        """For since()."""
        return len(self.lines)

    def since(self, mark=0):
        """All lines after mark()."""
        return "\n".join(self.lines[mark:])


class Host(brokerrig.Broker):
    """The broker as it is installed, with its own files in their places."""

    def __init__(self, zone="internet", require=None, **settings):
        self.zone = zone
        self.sections = {}
        unit = pathlib.Path("/usr/lib/systemd/system/toyamad.service").read_text(encoding="utf-8")
        self.daemon = re.search(r"^ExecStart=(\S+)", unit, re.MULTILINE).group(1)
        os.makedirs("/etc/toyama", exist_ok=True)
        super().__init__(overlay.BUILD, zone, require or REQUIRE[zone], **settings)
        self.config = CONFIG
        self.auth_path = "/run/toyama/auth.sock"
        self.admin_path = "/run/toyama/admin.sock"
        self.state = "/var/lib/toyama"

    def configure(self, zone, require, **settings):
        """Writes the config; what is not named here has its usual value."""
        self.sections = {
            "host": {"zone": zone, "require": require, "language": "ja", "extension": "123", "host": "shimin-03",
                     "demo": "yes"},
            "limits": {"card_wait": "5", "finger_wait": "8", "throttle_delay": "0"},
            "services": {},
            "sensor": {"sensors": "virtual_image"},
            "paths": {"sensor_socket": f"{pcscns.ROOT}/sensor/image.sock"}}
        homes = {"language": "host", "remote": "services", "account_exempt": "services"}
        for key, value in settings.items():
            home = next((s for s, keys in self.sections.items() if key in keys), homes.get(key, "limits"))
            self.sections[home][key] = value
        with open(CONFIG, "w", encoding="utf-8") as file:
            for section, keys in self.sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{k} = {v}\n" for k, v in keys.items() if v is not None)
        os.chmod(CONFIG, 0o644)

    def mark(self):
        """For since()."""
        return len(self.log())

    def since(self, mark):
        """What it said after mark()."""
        return self.log()[mark:]

    def program(self, *arguments, **options):
        return subprocess.run([self.daemon, *arguments], capture_output=True, text=True, check=False, **options)

    def start(self, environment=None):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.daemon], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment)
        pcscns.wait_until(self._ready, what="toyamad")

    def forget(self):
        """Another host: no registry, no keys."""
        self.stop()
        run("rm", "-rf", self.state)
        run("systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/toyama.conf")

    def register(self, login):
        """A member of staff."""
        number, name = PEOPLE[login]
        return self.add_person(number, login, name=name)


class Desk:
    """What stands on the counter: a reader with two slots, everybody's card, maybe a sensor."""

    def __init__(self, people=("hanako", "taro"), sensor=False):
        self.pcsc = pcscns.Pcsc()
        self.pcsc.start()
        self.cards = {name: pcscns.VirtualCard(overlay.BUILD, name=name, pin=PIN) for name in people}
        self.sensor = None
        if sensor:
            self.open_sensor()

    def open_sensor(self):
        """Plugs the fingerprint sensor in."""
        self.sensor = brokerrig.Sensor(overlay.BUILD)
        shutil.chown(os.path.dirname(self.sensor.path), "toyama-usb")

    def end(self):
        """Nothing is left but the files."""
        for card in self.cards.values():
            card.end()
        if self.sensor:
            self.sensor.end()
        self.pcsc.stop()

    @contextlib.contextmanager
    def card(self, name):
        """That card lies on the reader."""
        self.place(name)
        try:
            yield self.cards[name]
        finally:
            self.take(name)

    def place(self, name):
        """Puts a card on the reader."""
        self.cards[name].insert()

    def take(self, name):
        """Takes it away."""
        self.cards[name].remove()
        self.pcsc.wait_card(self.cards[name].slot, False)

    def enroll(self, broker, *people):
        """Registers people with their cards and, where the host asks for fingers and the sensor is this desk's,
        two of them."""
        for name in people:
            broker.register(name)
            broker.enroll_card(name, self.cards[name], self.pcsc, PIN)
            if self.sensor and "finger" in broker.sections["host"]["require"]:
                for finger, picture in zip(("right-index", "left-index"), FINGERS[name]):
                    broker.enroll_finger(name, self.sensor, finger, picture)
