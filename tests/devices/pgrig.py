# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL of its own: private directory, TLS on a loopback port, nothing but this test's roles."""
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SQL = sorted((pathlib.Path(__file__).resolve().parents[2] / "toyamad" / "sync" / "sql").glob("*.sql"))


def _bin():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        raise RuntimeError("PostgreSQL's server is not installed")
    return os.path.dirname(found[-1])


class Server:
    """initdb, start, the zone's schema, or its first files only; `stop` removes everything."""

    def __init__(self, schema=len(SQL)):
        self.bin = _bin()
        self.user = pwd.getpwnam("postgres")
        self.dir = tempfile.mkdtemp(prefix="toyama-pg.")
        os.chmod(self.dir, 0o755)
        self.data = f"{self.dir}/data"
        self.sockets = f"{self.dir}/s"
        os.mkdir(self.sockets)
        self.process = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._certificates()
        for path in (self.dir, self.sockets, *glob.glob(f"{self.dir}/*.key"), *glob.glob(f"{self.dir}/*.crt")):
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        with open(f"{self.dir}/owner", "w", encoding="ascii") as file:
            file.write("owner\n")
        self._as_postgres(f"{self.bin}/initdb", "-D", self.data, "-A", "scram-sha-256", f"--pwfile={self.dir}/owner",
                          "-U", "owner", "-E", "UTF8", "--locale=C", "-N")
        self._configure()
        self.start()
        self.psql("CREATE DATABASE toyama", database="postgres")
        for file in SQL[:schema]:
            self.psql(file.read_text(encoding="utf-8"))

    def _certificates(self):
        """A CA, and a certificate for the name "localhost"."""
        run = lambda *words: subprocess.run(words, check=True, capture_output=True)  # noqa: E731
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3"]
        run("openssl", "req", "-x509", *key, "-subj", "/CN=test CA", "-keyout", f"{self.dir}/ca.key",
            "-out", f"{self.dir}/ca.crt")
        run("openssl", "req", "-new", *key[:5], "-subj", "/CN=localhost", "-keyout", f"{self.dir}/server.key",
            "-out", f"{self.dir}/server.csr")
        with open(f"{self.dir}/ext", "w", encoding="ascii") as file:
            file.write("subjectAltName=DNS:localhost\n")
        run("openssl", "x509", "-req", "-in", f"{self.dir}/server.csr", "-CA", f"{self.dir}/ca.crt",
            "-CAkey", f"{self.dir}/ca.key", "-CAcreateserial", "-days", "3", "-extfile", f"{self.dir}/ext",
            "-out", f"{self.dir}/server.crt")
        for name in ("ca.key", "server.key"):
            os.chmod(f"{self.dir}/{name}", 0o600)

    def _as_postgres(self, *words):
        subprocess.run(["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups",
                        *words], stdin=subprocess.DEVNULL, check=True, capture_output=True, cwd=self.dir)

    def _configure(self):
        with open(f"{self.data}/postgresql.conf", "a", encoding="ascii") as file:
            file.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n"
                       f"unix_socket_directories = '{self.sockets}'\nssl = on\n"
                       f"ssl_cert_file = '{self.dir}/server.crt'\nssl_key_file = '{self.dir}/server.key'\n"
                       "fsync = off\nmax_connections = 40\nshared_buffers = 32MB\n")

    def start(self):
        """Comes back when it answers."""
        with open(f"{self.dir}/log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}", "--clear-groups",
                 f"{self.bin}/postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.psql("SELECT 1", database="postgres")
                return
            except RuntimeError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.1)

    def psql(self, text, user="owner", database="toyama"):
        """Runs SQL; the rows, columns separated by '|'. RuntimeError with the server's words."""
        once = [] if text.startswith("CREATE DATABASE") else ["-1"]
        done = subprocess.run(
            [f"{self.bin}/psql", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", *once, "-h", self.sockets,
             "-p", str(self.port), "-U", user, "-d", database], input=text, text=True, capture_output=True,
            check=False, env={"PATH": "/usr/bin:/bin", "PGPASSWORD": user})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.splitlines()

    def add_role(self, name, group="toyama_terminal"):
        """A login role whose password is its name."""
        self.psql(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{name}' IN ROLE {group}")

    def service(self, name, sslmode="verify-full", host="localhost", password=None):
        """Writes a service file for a role; its path."""
        path = f"{self.dir}/{name}.{sslmode}.{host}.service"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"[toyama]\nhost={host}\nhostaddr=127.0.0.1\nport={self.port}\ndbname=toyama\nuser={name}\n"
                       f"password={password or name}\nsslmode={sslmode}\nsslrootcert={self.dir}/ca.crt\n")
        os.chmod(path, 0o600)
        return path

    def program(self, build, broker, name, *options, service=None):
        """What subprocess needs to run toyama-sync of this broker in this role."""
        return {"args": [f"{build}/toyamad/sync/toyama-sync", "--socket", broker.admin_path, *options],
                "env": {"PATH": "/usr/bin:/bin", "PGSERVICEFILE": service or self.service(name)}}

    def sync(self, build, broker, name, *options, **values):
        """One run to its end."""
        return subprocess.run(**self.program(build, broker, name, *options, **values), capture_output=True, text=True,
                              timeout=120, check=False)

    def halt(self):
        """Ends the server, keeps the data."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self.process = None

    def stop(self):
        """Leaves nothing behind."""
        if self.process is not None:
            self.halt()
        shutil.rmtree(self.dir)
