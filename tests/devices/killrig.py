# SPDX-License-Identifier: Apache-2.0
"""A broker that is killed at a chosen call of the system."""
import os
import signal
import subprocess

import pcscns

LIMIT = 400  # calls of one kind, at most


def killed_at(host, syscall, nth, call):
    """Whether a running broker dies of SIGKILL at its n-th such call behind now, in `call`. Either way it runs no more."""
    tracer = subprocess.Popen(
        ["strace", "-q", "-o", "/dev/null", "-p", str(host.process.pid), "-e", f"trace={syscall}", "-e",
         f"inject={syscall}:signal=KILL:when={nth}"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pcscns.wait_until(lambda: _traced(host), what="strace")
    try:
        call()
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass
    try:
        host.process.wait(0.2)  # the answer may come before the end
        host.process = None
        died = True
    except subprocess.TimeoutExpired:
        tracer.terminate()
        died = False
    tracer.wait()
    if not died and host.stop() != 0:
        raise AssertionError(host.log()[-2000:])
    return died


def start_killed_at(host, syscall, nth):
    """The same for a broker that starts, and ends again. The leak checker cannot work under a tracer."""
    options = f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0".lstrip(":")
    try:
        host.start({**os.environ, "ASAN_OPTIONS": options},
                   under=["strace", "-D", "-q", "-o", "/dev/null", "-e", f"trace={syscall}", "-e",
                          f"inject={syscall}:signal=KILL:when={nth}"])
    except RuntimeError:
        if host.process.returncode != -signal.SIGKILL:
            raise
        host.process = None
        return True
    status = host.stop()
    if status not in (0, -signal.SIGKILL):
        raise AssertionError(host.log()[-2000:])
    return status != 0


def _traced(host):
    with open(f"/proc/{host.process.pid}/status", encoding="ascii") as file:
        return "TracerPid:\t0\n" not in file.read()


def each_call(syscall, begin, call, check, step=1):
    """Kills at one call of this kind after the other, until none is left. `begin` gives the running host, `check(died)`
    looks at what it left."""
    for nth in range(1, LIMIT, step):
        died = killed_at(begin(), syscall, nth, call)
        check(died)
        if not died:
            return nth
    raise AssertionError(f"more than {LIMIT} calls of {syscall}")
