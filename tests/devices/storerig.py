# SPDX-License-Identifier: Apache-2.0
"""The registry's file under the hands of somebody who may write it, while the broker is stopped."""
import contextlib
import sqlite3

LOCKED_FOR_EVER = (1 << 63) - 1


@contextlib.contextmanager
def opened(broker):
    """A connection; committed and folded into the main file at the end."""
    db = sqlite3.connect(f"{broker.state}/registry.db")
    try:
        yield db
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def person_id(db, number):
    """The key of a person's rows."""
    return db.execute("SELECT person FROM number WHERE number=?", (number,)).fetchone()[0]


def lock(broker, number, until=LOCKED_FOR_EVER):
    """As if the person had pressed wrong fingers."""
    with opened(broker) as db:
        db.execute("INSERT OR REPLACE INTO counter(person, failures, until, misses, last_login, last_place)"
                   " VALUES(?,5,?,5,0,'')", (person_id(db, number), until))
