#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A morning of a zone's database: as many terminals as are given ask it what toyama-sync asks, each minute, for as long
as is given, over TLS on loopback; prints how long a run takes and how busy the server is.

    bench_morning.py [--terminals 1000] [--minutes 20] [--people 1000]     (root; needs postgresql and pgbench)

The statements are those of toyamad/sync/{database,pull,push,amend,uses,counters}.c; a terminal is a connection of pgbench, which
connects anew for each run, as toyama-sync does. Once in the run the publisher brings a new issue."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "devices"))

import pgrig  # noqa: E402  pylint: disable=wrong-import-position

RUN = r"""
\set who random(1, 1000000000)
SELECT max(number)::bigint FROM toyama.version;
SELECT coalesce(max(number), 0)::bigint FROM toyama.issue;
SELECT coalesce(max(sequence), 0)::bigint AS sent FROM toyama.event WHERE host = session_user \gset
BEGIN;
INSERT INTO toyama.event(sequence, der, link) VALUES(:who, decode(repeat('ab', 350), 'hex'), decode(repeat('cd', 32), 'hex')) ON CONFLICT DO NOTHING;
COMMIT;
INSERT INTO toyama.terminal(issue, sequence) VALUES(1, :who) ON CONFLICT (host) DO UPDATE SET issue = excluded.issue, sequence = excluded.sequence, seen = now();
BEGIN;
UPDATE toyama.counter SET failures = 0, until = 0, changed = now() WHERE host = session_user AND (failures > 0 OR until > 0);
COMMIT;
SELECT coalesce(max(sequence), 0)::bigint AS newest FROM toyama.amendment \gset
SELECT sequence, der FROM toyama.amendment WHERE sequence > 0 AND (sequence > :newest OR arrived > now() - interval '1 hour') ORDER BY sequence LIMIT 64;
SELECT n::bigint FROM generate_series(0, 1) n WHERE NOT EXISTS (SELECT FROM toyama.amendment WHERE hash = sha256(int4send(n))) ORDER BY n;
INSERT INTO toyama.last_use AS old (person, day) VALUES(decode(lpad(to_hex(:who % 1000), 32, '0'), 'hex'), 20000) ON CONFLICT (host, person) DO UPDATE SET day = excluded.day WHERE old.day < excluded.day;
SELECT person, max(failures)::bigint, max(until)::bigint FROM toyama.counter WHERE host <> session_user AND (failures > 0 OR until > 0) GROUP BY person ORDER BY person;
"""


def ticks(pids):
    """Processor time of processes, seconds."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")


def fill(server, people):
    """An issue with people of about the size of real ones."""
    server.psql(f"""INSERT INTO toyama.issue VALUES(1, decode(repeat('ab', 1200), 'hex'));
        INSERT INTO toyama.record SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), 1, decode(repeat('cd', 1300), 'hex')
        FROM generate_series(1, {people}) n;
        INSERT INTO toyama.counter(host, person, failures, until) SELECT 'other', decode(lpad(to_hex(n), 32, '0'), 'hex'), 2, 0
        FROM generate_series(1, 30) n;
        INSERT INTO toyama.amendment(hash, der) SELECT sha256(der), der FROM (SELECT decode(repeat(lpad(to_hex(n), 2, '0'), 900), 'hex')
        AS der FROM generate_series(1, 30) n) made; ANALYZE""")


def measure(server, options):
    """pgbench at the rate of one run a minute and terminal."""
    with tempfile.TemporaryDirectory(prefix="toyama-morning.") as place:
        script, log = f"{place}/run.sql", f"{place}/log"
        with open(script, "w", encoding="ascii") as file:
            file.write(RUN)
        rate = options.terminals / 60
        command = ["pgbench", "--no-vacuum", "--connect", "--client=20", "--jobs=2", f"--rate={rate}",
                   f"--time={int(options.minutes * 60)}", f"--file={script}", "--log", f"--log-prefix={log}", "toyama"]
        environment = {"PATH": "/usr/bin:/bin", "PGHOST": "localhost", "PGHOSTADDR": "127.0.0.1",
                       "PGPORT": str(server.port), "PGUSER": "mado", "PGPASSWORD": "mado", "PGSSLMODE": "verify-full",
                       "PGSSLROOTCERT": f"{server.dir}/ca.crt"}
        begin, busy = time.monotonic(), ticks([server.process.pid])
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=place)
        wall = time.monotonic() - begin
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        took = []
        for name in os.listdir(place):
            if name.startswith("log"):
                with open(f"{place}/{name}", encoding="ascii") as file:
                    took += [int(line.split()[2]) for line in file]
        return sorted(took), wall, ticks([server.process.pid]) - busy, done.stdout


def main():
    """Prints one row."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--terminals", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--people", type=int, default=1000)
    options = parser.parse_args()
    server = pgrig.Server()
    try:
        server.add_role("mado")
        fill(server, options.people)
        publisher = threading.Timer(options.minutes * 30, lambda: server.psql(
            "INSERT INTO toyama.issue VALUES(2, decode(repeat('ab', 1200), 'hex'));"
            " UPDATE toyama.record SET issue = 2, record = decode(repeat('ce', 1300), 'hex') WHERE get_byte(id, 15) < 3"))
        publisher.start()
        took, wall, busy, out = measure(server, options)
        publisher.join()
        failed = re.search(r"number of failed transactions: (\d+)", out)
        print("| terminals, a run a minute | runs | p50 | p99 | worst | server's processor | failed |\n"
              "| --- | --- | --- | --- | --- | --- | --- |")
        print(f"| {options.terminals} | {len(took)} | {took[len(took) // 2] / 1000:.1f} ms | "
              f"{took[len(took) * 99 // 100] / 1000:.1f} ms | {took[-1] / 1000:.1f} ms | {100 * busy / wall:.1f} % of one core | "
              f"{failed.group(1) if failed else '?'} |")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
