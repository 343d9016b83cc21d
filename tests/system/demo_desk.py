# SPDX-License-Identifier: Apache-2.0
"""The hands of the person in the demo's shell: desk place|take NAME, desk press NAME [IMPRESSION]."""
import pathlib
import socket
import sys

import demo_devices

PICTURES = pathlib.Path(__file__).resolve().parents[1] / "data" / "fingerprints" / "synthetic"
FINGERS = {"hanako": "f01", "taro": "f03"}


def ask(path, line):
    """One command to a virtual device."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(path)
        sock.sendall(f"{line}\n".encode())
        return sock.makefile("r", encoding="utf-8").readline().strip()


def main():
    root, words = pathlib.Path(sys.argv[1]), sys.argv[2:]
    if len(words) < 2 or words[0] not in ("place", "take", "press") or words[1] not in FINGERS:
        sys.exit("usage: desk place|take hanako|taro\n       desk press hanako|taro [IMPRESSION 1..10]")
    if words[0] == "press":
        impression = words[2] if len(words) > 2 else "9"
        answer = ask(str(root / "finger.ctl"), f"press {PICTURES}/{FINGERS[words[1]]}_{impression}.png")
    else:
        world = demo_devices.World()
        (world.virtual if words[0] == "place" else world.real)()
        answer = ask(str(next(root.glob(f"{words[1]}.*.ctl"))), {"place": "insert", "take": "remove"}[words[0]])
    if not answer.startswith("ok"):
        sys.exit(f"desk: {answer}")


if __name__ == "__main__":
    main()
