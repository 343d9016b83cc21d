# SPDX-License-Identifier: Apache-2.0
"""A machine of a test's own: namespaces, and this machine's file system under an overlay that is thrown
away. Inside, the programs of the distribution run unmodified; outside, nothing is written.

    if __name__ == "__main__":
        overlay.begin()         # PROGRAM BUILD_DIR ...: runs it again inside; comes back only there
        unittest.main()

begin(keep=[...]) shows directories below this machine's own /run inside, below MACHINE, read-only.

Needs root with CAP_SYS_ADMIN. Everything ends with the program, which is the namespace's init."""
import ctypes
import json
import os
import pathlib
import shutil
import subprocess
import sys

MARK = "TOYAMA_OVERLAY"
SOURCE = pathlib.Path(__file__).resolve().parents[2]
BASE = "/run/toyama-overlay"
ROOT = f"{BASE}/root"
SCRATCH = "/run/toyama-test"
MACHINE = "/run/toyama-machine"
USB = "/dev/bus/usb"
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LOCALE = "C.UTF-8"
BUILD = None  # the build directory, once inside
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC = 1, 32, 4096, 16384

_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source, target, kind=None, flags=0, options=None):
    encoded = [None if text is None else str(text).encode() for text in (source, target, kind)]
    if _libc.mount(*encoded, ctypes.c_ulong(flags), None if options is None else options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {kind or 'bind'} on {target}: {os.strerror(number)}")


def bind(source, target, read_only=False):
    """Shows a file or directory at a second place."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):  # a node of the same kind, as the directory tells kinds, too
        status = os.stat(source)
        os.mknod(target, status.st_mode, status.st_rdev)
    _mount(source, target, flags=MS_BIND | MS_REC)
    if read_only:
        _mount(source, target, flags=MS_BIND | MS_REMOUNT | MS_RDONLY)


def unbind(target):
    """Takes back bind()."""
    if _libc.umount2(target.encode(), 2) != 0:
        raise OSError(ctypes.get_errno(), f"umount {target}")


def _fresh(target, mode):
    os.makedirs(target, exist_ok=True)
    _mount("tmpfs", target, "tmpfs", options=f"mode={mode}")


def _layer(name, lower, target):
    """`lower` at `target`, writable for us alone."""
    upper, work = f"{BASE}/{name}.upper", f"{BASE}/{name}.work"
    os.makedirs(upper)
    os.makedirs(work)
    os.makedirs(target, exist_ok=True)
    _mount("overlay", target, "overlay", options=f"lowerdir={lower},upperdir={upper},workdir={work}")
    os.chmod(target, 0o755)


def _devices():
    """No device of this machine but the harmless ones; terminals of our own."""
    _fresh(f"{ROOT}/dev", "0755")
    for name in DEVICES:
        bind(f"/dev/{name}", f"{ROOT}/dev/{name}")
    os.mkdir(f"{ROOT}/dev/pts")
    _mount("devpts", f"{ROOT}/dev/pts", "devpts", options="newinstance,ptmxmode=0666,mode=0620,gid=5")
    os.symlink("pts/ptmx", f"{ROOT}/dev/ptmx")
    os.symlink("/proc/self/fd", f"{ROOT}/dev/fd")
    _fresh(f"{ROOT}/dev/shm", "1777")
    if os.path.isdir(USB):
        bind(USB, f"{ROOT}{USB}")


def give_usb(user):
    """What udev would do for a worker's user, on nodes of our own: this machine's keep their owners."""
    if not os.path.isdir(USB):
        return
    if not os.path.exists(f"{BASE}/usb.upper"):
        _layer("usb", USB, USB)
    for node in pathlib.Path(USB).glob("*/*"):
        shutil.chown(node, group=user)
        node.chmod(0o660)


def _source_of(build_dir):
    with open(f"{build_dir}/meson-info/meson-info.json", encoding="utf-8") as file:
        return json.load(file)["directories"]["source"]


def _build_root(build_dir, keep):
    kept = {directory: os.open(directory, os.O_PATH | os.O_DIRECTORY) for directory in keep}
    _fresh("/run", "0755")
    os.mkdir(BASE)
    _layer("root", "/", ROOT)
    _mount("proc", f"{ROOT}/proc", "proc")
    _mount("sysfs", f"{ROOT}/sys", "sysfs", MS_RDONLY)
    _devices()
    _fresh(f"{ROOT}/tmp", "1777")
    _fresh(f"{ROOT}/run", "0755")
    for directory, descriptor in kept.items():
        bind(f"/proc/self/fd/{descriptor}", f"{ROOT}{MACHINE}{directory}", read_only=True)
        os.close(descriptor)
    for directory in {str(SOURCE), _source_of(build_dir)}:
        bind(directory, f"{ROOT}{directory}", read_only=True)
    _layer("build", build_dir, f"{ROOT}{build_dir}")


def _move_in():
    os.chroot(ROOT)
    os.chdir("/")
    os.umask(0o022)
    for name in ("pcscd", "lock", "sshd", "toyama-test"):
        os.mkdir(f"/run/{name}", 0o755)
    keep = {name: os.environ[name] for name in os.environ if name.startswith(("TOYAMA_", "PYTHON", "TERM"))}
    os.environ.clear()
    os.environ.update(keep, PATH="/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL=LOCALE, HOME="/root")


def install(build_dir):
    """What an operator does after the build: README.md, "A real terminal, step by step"."""
    for command in (["meson", "install", "--no-rebuild", "--quiet", "-C", build_dir],
                    ["systemd-sysusers", "/usr/lib/sysusers.d/toyama.conf"],
                    ["systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/toyama.conf"]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"overlay: {' '.join(command)} failed:\n{done.stdout}")


def _enter(build_dir, keep):
    """Outside: never comes back. Inside: the first process of a machine of its own."""
    if os.environ.pop(MARK, None) is not None and os.getpid() == 1:
        _build_root(build_dir, keep)
        _move_in()
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        install(build_dir)
        return
    if os.geteuid() != 0:
        sys.exit("overlay: needs root (CAP_SYS_ADMIN) for namespaces and mounts")
    if not os.path.isfile(f"{build_dir}/build.ninja"):
        sys.exit(f"overlay: {build_dir} is no build directory")
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "-m", "-p", "-n", "-u", "-i", "-f", "--mount-proc", "--kill-child=SIGKILL",
                          "--", sys.executable, *sys.argv])


def begin(keep=()):
    """Takes the build directory from the command line and moves in, with toyama installed."""
    global BUILD  # pylint: disable=global-statement
    if len(sys.argv) < 2:
        sys.exit(f"usage: {os.path.basename(sys.argv[0])} BUILD_DIR [OPTION]...")
    sys.argv[0], sys.argv[1] = os.path.abspath(sys.argv[0]), os.path.realpath(sys.argv[1])
    _enter(sys.argv[1], keep)
    BUILD = sys.argv.pop(1)
