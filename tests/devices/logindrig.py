# SPDX-License-Identifier: Apache-2.0
"""Processes in sessions as logind would describe them: their control group, and the files below
/run/systemd that libsystemd reads. Inside of pcscns.enter() only."""
import contextlib
import os
import pathlib
import socket

import brokerrig

RUN = pathlib.Path("/run/systemd")
GROUPS = next(path for path in (pathlib.Path("/sys/fs/cgroup/unified"), pathlib.Path("/sys/fs/cgroup"))
              if (path / "cgroup.controllers").exists())
SESSION = "session-{0}.scope"
MANAGER = "user@{0}.service/app.slice/app-terminal.scope"


@contextlib.contextmanager
def logind():
    """As long as it runs, requests of users come from sessions."""
    seats = RUN / "seats"
    seats.mkdir(parents=True)
    try:
        yield
    finally:
        seats.rmdir()


class Place:
    """A control group of one user below `group`. What connects to the broker meanwhile is a process in it: the
    test itself is the namespace's init, by which libsystemd measures all others."""

    def __init__(self, group=SESSION):
        self.number = int.from_bytes(os.urandom(4), "big") & 0x7FFFFFFF
        self.slice = GROUPS / f"user-{self.number}.slice"
        self.group = self.slice / group.format(self.number)
        self.session = RUN / "sessions" / str(self.number)
        self.user = RUN / "users" / str(self.number)
        self.connect = brokerrig._connect  # pylint: disable=protected-access
        self.pipe = self.child = None

    def describe(self, active=True, remote=False):
        """What logind says of the session, from now on."""
        self.session.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.session.with_suffix(".new")
        fresh.write_text(f"UID={self.number}\nUSER=x\nACTIVE={int(active)}\nSTATE={'active' if active else 'online'}\n"
                         f"REMOTE={int(remote)}\n", encoding="ascii")
        fresh.rename(self.session)

    def close(self):
        """The session is over; its processes are not."""
        self.session.unlink()

    def display(self, shown=True):
        """The session is the one that the user's services belong to."""
        self.user.parent.mkdir(parents=True, exist_ok=True)
        line = f"DISPLAY={self.number}\n" if shown else ""
        self.user.write_text(f"NAME=x\nSTATE=active\n{line}", encoding="ascii")

    def __enter__(self):
        self.group.mkdir(parents=True)
        self.pipe, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.child = os.fork()
        if self.child == 0:
            self.pipe.close()
            self._serve(theirs)
        theirs.close()
        brokerrig._connect = self._connect_inside  # pylint: disable=protected-access
        return self

    def _serve(self, pipe):
        """In the child: connections on demand."""
        try:
            (self.group / "cgroup.procs").write_text("0", encoding="ascii")
            while path := pipe.recv(256):
                sock = self.connect(path.decode(), 10)
                socket.send_fds(pipe, [b"x"], [sock.fileno()])
                sock.close()
        finally:
            os._exit(0)

    def _connect_inside(self, path, timeout):
        """In place of brokerrig's own."""
        self.pipe.send(path.encode())
        _, fds, _, _ = socket.recv_fds(self.pipe, 1, 1)
        sock = socket.socket(fileno=fds[0])
        sock.settimeout(timeout)
        return sock

    @contextlib.contextmanager
    def left(self):
        """Connections come from outside again."""
        brokerrig._connect = self.connect  # pylint: disable=protected-access
        try:
            yield
        finally:
            brokerrig._connect = self._connect_inside  # pylint: disable=protected-access

    def __exit__(self, *_):
        brokerrig._connect = self.connect  # pylint: disable=protected-access
        self.pipe.close()
        os.waitpid(self.child, 0)
        group = self.group
        while group != self.slice.parent:
            group.rmdir()
            group = group.parent
        for path in (self.session, self.user):
            path.unlink(missing_ok=True)
