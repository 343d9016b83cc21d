# SPDX-License-Identifier: Apache-2.0
"""pam_toyama.so in a real libpam (pam-client), against a toyamad that lies (fake_broker).

Needs root and CAP_SYS_ADMIN: main() runs the program again in a mount namespace with a /dev of its own, so that a
test can listen at /dev/log.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tests", "virtual", "pam"))

from fake_broker import Broker  # noqa: E402

NOBODY = 65534
BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
LONG = "--long" in sys.argv
CLIENT = os.path.join(BUILD, "tests", "virtual", "pam", "pam-client")
MODULE = os.path.join(BUILD, "pam_toyama", "pam_toyama.so")

# Whatever the broker does wrong, and the code that pam.d may build upon.
LIES = {
    "deny": "PAM_AUTH_ERR", "deny-mute": "PAM_AUTH_ERR", "deny-with-user": "PAM_AUTH_ERR", "locked": "PAM_MAXTRIES",
    "unavailable": "PAM_AUTHINFO_UNAVAIL", "unavailable-mute": "PAM_AUTHINFO_UNAVAIL",
    "misconfigured": "PAM_SERVICE_ERR", "result-0": "PAM_AUTHINFO_UNAVAIL", "result-6": "PAM_AUTHINFO_UNAVAIL",
    "result-257": "PAM_AUTHINFO_UNAVAIL", "result-huge": "PAM_AUTHINFO_UNAVAIL",
    "result-1-as-text": "PAM_AUTHINFO_UNAVAIL", "grant-nobody": "PAM_AUTHINFO_UNAVAIL",
    "grant-empty-user": "PAM_AUTHINFO_UNAVAIL", "grant-other-user": "PAM_AUTH_ERR", "grant-user-prefix": "PAM_AUTH_ERR",
    "grant-user-longer": "PAM_AUTH_ERR", "grant-user-case": "PAM_AUTH_ERR", "grant-user-nul": "PAM_AUTHINFO_UNAVAIL",
    "grant-short-ticket": "PAM_AUTHINFO_UNAVAIL", "grant-wrong-nonce": "PAM_AUTHINFO_UNAVAIL",
    "grant-short-nonce": "PAM_AUTHINFO_UNAVAIL", "grant-no-nonce": "PAM_AUTHINFO_UNAVAIL",
    "grant-no-lang": "PAM_AUTHINFO_UNAVAIL", "early-verdict": "PAM_AUTHINFO_UNAVAIL",
    "close-at-once": "PAM_AUTHINFO_UNAVAIL", "close-after-start": "PAM_AUTHINFO_UNAVAIL",
    "close-after-info": "PAM_AUTHINFO_UNAVAIL", "close-after-prompt": "PAM_AUTHINFO_UNAVAIL",
    "close-after-answer": "PAM_AUTHINFO_UNAVAIL", "reset": "PAM_AUTHINFO_UNAVAIL", "truncated": "PAM_AUTHINFO_UNAVAIL",
    "one-octet": "PAM_AUTHINFO_UNAVAIL", "trailing": "PAM_AUTHINFO_UNAVAIL", "two-frames": "PAM_AUTHINFO_UNAVAIL",
    "unknown-type": "PAM_AUTHINFO_UNAVAIL", "upward-type": "PAM_AUTHINFO_UNAVAIL",
    "unknown-field": "PAM_AUTHINFO_UNAVAIL", "repeated-field": "PAM_AUTHINFO_UNAVAIL",
    "long-length-form": "PAM_AUTHINFO_UNAVAIL", "indefinite-length": "PAM_AUTHINFO_UNAVAIL",
    "over-long": "PAM_AUTHINFO_UNAVAIL", "over-long-padding": "PAM_AUTHINFO_UNAVAIL",
    "over-long-exact": "PAM_AUTHINFO_UNAVAIL",
    "grant-bad-args": "PAM_AUTHINFO_UNAVAIL", "bad-args": "PAM_AUTHINFO_UNAVAIL",
    "bad-id": "PAM_AUTHINFO_UNAVAIL", "long-id": "PAM_AUTHINFO_UNAVAIL", "unknown-prompt": "PAM_AUTHINFO_UNAVAIL",
    "info-other-nonce": "PAM_AUTHINFO_UNAVAIL", "pin-timeout": "PAM_AUTH_ERR", "pin-crossing": "PAM_AUTH_ERR",
}


class Outcome:
    """What pam-client wrote down."""

    def __init__(self, process, lines, seconds):
        self.status, self.stderr, self.seconds = process.returncode, process.stderr, seconds
        self.lines = [json.loads(line) for line in lines.splitlines()]
        self.messages = [(line["style"], line["text"]) for line in self.lines if line["kind"] == "message"]
        self.results = [(line["op"], line["code"]) for line in self.lines if line["kind"] == "result"]
        self.micros = [line["us"] for line in self.lines if line["kind"] == "result"]
        self.ends = [line for line in self.lines if line["kind"] == "end"]
        self.user = self.ends[-1]["user"] if self.ends else None

    def code(self, operation="auth"):
        return dict(self.results).get(operation)


class ModuleTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="toyama-pam-")
        os.chmod(self.dir, 0o755)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.sockets = os.path.join(self.dir, "run")
        os.mkdir(self.sockets, 0o755)
        self.socket = os.path.join(self.sockets, "auth.sock")
        self.module = MODULE
        with open(os.path.join(self.dir, "other"), "w") as file:
            file.write("".join(f"{phase} required pam_deny.so\n" for phase in ("auth", "account", "password", "session")))
        self.stack("t")

    def stack(self, service, control="required", then=(), arguments=None, phases=("auth", "account", "session")):
        """Writes a service of `control` lines with the module, and the lines `then`."""
        arguments = f"socket={self.socket} lang=ja" if arguments is None else arguments
        lines = [f"{phase} {control} {self.module} {arguments}" for phase in phases]
        lines += list(then) or [f"password required {self.module} {arguments}"]
        with open(os.path.join(self.dir, service), "w") as file:
            file.write("\n".join(lines) + "\n")

    def client(self, *operations, user="taro", service="t", answers=(), items=(), flags=None, options=(), environment=None,
               prepare=None, timeout=30):
        output = os.path.join(self.dir, f"out-{time.monotonic_ns()}")
        command = [CLIENT, "--output", output, "--service", service, "--confdir", self.dir]
        command += ["--user", user] if user is not None else []
        for name, values in (("--answer", answers), ("--item", items)):
            for value in values:
                command += [name, value]
        command += (["--flags", flags] if flags else []) + list(options) + list(operations)
        began = time.monotonic()
        process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False,
                                 env={"PATH": "/usr/bin:/bin", **(environment or {})}, preexec_fn=prepare)
        outcome = Outcome(process, self.read(output), time.monotonic() - began)
        self.assertGreaterEqual(outcome.status, 0, f"killed by signal {-outcome.status}: {outcome.stderr}")
        self.assertNotIn(b"Sanitizer", outcome.stderr, outcome.stderr.decode(errors="replace"))
        self.assertEqual(outcome.stderr, b"", "the module or its host wrote to standard error")
        return outcome

    @staticmethod
    def read(path):
        with open(path, "a+", encoding="utf-8", errors="surrogateescape") as file:
            file.seek(0)
            return file.read()

    def ask(self, scenario, *operations, lang="ja", **keywords):
        with Broker(self.socket, scenario, lang=lang) as broker:
            outcome = self.client(*(operations or ("auth",)), **keywords)
            outcome.frames = broker.frames
        return outcome

    def refused(self, outcome, operation="auth"):
        codes = [code for name, code in outcome.results if name == operation]
        self.assertTrue(codes)
        self.assertFalse({"PAM_SUCCESS", "PAM_IGNORE"} & set(codes), codes)


def enter_namespace():
    """Runs this program again with private mounts and a /dev of its own."""
    if os.geteuid() != 0:
        sys.exit("needs root")
    script = """set -e
mount --make-rprivate /
dir=$(mktemp -d "${TMPDIR:-/tmp}/toyama-dev.XXXXXX")
mount -t tmpfs -o mode=755 none "$dir"
for name in null zero full random urandom tty; do : > "$dir/$name"; mount --bind "/dev/$name" "$dir/$name"; done
mount --rbind "$dir" /dev
umount -l "$dir"
rmdir "$dir"
exec "$@" """
    os.environ["TOYAMA_TEST_NAMESPACE"] = str(os.getpid())
    os.execvp("unshare", ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, "-B", *sys.argv])


def main(usage):
    if len(sys.argv) < 2 or not os.path.exists(MODULE):
        sys.exit(usage)
    if os.environ.pop("TOYAMA_TEST_NAMESPACE", None) != str(os.getpid()):
        enter_namespace()
    del sys.argv[1]
    unittest.main(argv=[argument for argument in sys.argv if argument != "--long"])
