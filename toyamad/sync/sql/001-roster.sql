-- SPDX-License-Identifier: Apache-2.0
--
-- The database of one zone: what its terminals pull (issues, records, sealed templates and secrets,
-- amendments) and what they push (events, heads of their logs, counters). Apply as the owner of an
-- empty database, each numbered file once, in the order of the numbers:
--
--   psql --set ON_ERROR_STOP=1 --single-transaction --dbname toyama --file 001-roster.sql
--
-- The server is not trusted: all that decides over a login is signed or sealed, and each terminal
-- verifies it anew. Whoever owns the database can keep people out, but let nobody in.

CREATE SCHEMA toyama;
REVOKE ALL ON SCHEMA toyama FROM PUBLIC;

CREATE TABLE toyama.version (number integer PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now());
INSERT INTO toyama.version(number) VALUES (1);

-- DER of SignedIssue (docs/roster.asn1)
CREATE TABLE toyama.issue (
    number  bigint PRIMARY KEY CHECK (number > 0),
    signed  bytea NOT NULL CHECK (octet_length(signed) <= 8192)
);

-- The newest version of each record, and the issue it came with; without octets: removed
CREATE TABLE toyama.record (
    id      bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    issue   bigint NOT NULL REFERENCES toyama.issue(number),
    record  bytea CHECK (octet_length(record) <= 32768)
);
CREATE INDEX record_issue ON toyama.record(issue);

CREATE TABLE toyama.template (
    id      bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    issue   bigint NOT NULL REFERENCES toyama.issue(number),
    person  bytea NOT NULL REFERENCES toyama.record(id),
    sealed  bytea NOT NULL CHECK (octet_length(sealed) <= 65536)
);
CREATE INDEX template_issue ON toyama.template(issue);
CREATE INDEX template_person ON toyama.template(person);

CREATE TABLE toyama.secret (
    credential  bytea NOT NULL CHECK (octet_length(credential) = 16),
    ref         smallint NOT NULL CHECK (ref BETWEEN 1 AND 255),
    issue       bigint NOT NULL REFERENCES toyama.issue(number),
    person      bytea NOT NULL REFERENCES toyama.record(id),
    sealed      bytea NOT NULL CHECK (octet_length(sealed) <= 4096),
    PRIMARY KEY (credential, ref)
);
CREATE INDEX secret_issue ON toyama.secret(issue);
CREATE INDEX secret_person ON toyama.secret(person);

-- Amendments and stop notices, in the order in which they came
CREATE TABLE toyama.amendment (
    sequence  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash      bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    der       bytea NOT NULL CHECK (octet_length(der) <= 8192)
);

-- The terminals' logs. `host` is the role that wrote the row.
CREATE TABLE toyama.event (
    host      name NOT NULL DEFAULT session_user,
    sequence  bigint NOT NULL CHECK (sequence > 0),
    der       bytea NOT NULL CHECK (octet_length(der) <= 4096),
    link      bytea NOT NULL CHECK (octet_length(link) = 32),
    arrived   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host, sequence)
);

CREATE TABLE toyama.counter (
    host      name NOT NULL DEFAULT session_user,
    person    bytea NOT NULL CHECK (octet_length(person) = 16),
    failures  bigint NOT NULL CHECK (failures >= 0),
    until     bigint NOT NULL CHECK (until >= 0), -- seconds since 1970; the largest: an operator unlocks
    changed   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (host, person)
);
CREATE INDEX counter_changed ON toyama.counter(changed);

-- One row a terminal: which issue it has, how far its log came
CREATE TABLE toyama.terminal (
    host      name PRIMARY KEY DEFAULT session_user,
    issue     bigint NOT NULL CHECK (issue >= 0),
    sequence  bigint NOT NULL CHECK (sequence >= 0),
    seen      timestamptz NOT NULL DEFAULT now()
);

-- A terminal reads the roster and everybody's counters, and writes its own rows only. Each terminal
-- has a login role of its own that is a member of toyama_terminal; the helpdesk's host, which
-- publishes what it has imported, one of toyama_publisher; the auditor one of toyama_auditor.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'toyama_terminal') THEN
        CREATE ROLE toyama_terminal NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'toyama_publisher') THEN
        CREATE ROLE toyama_publisher NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'toyama_auditor') THEN
        CREATE ROLE toyama_auditor NOLOGIN;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA toyama TO toyama_terminal, toyama_publisher, toyama_auditor;
GRANT SELECT ON toyama.version, toyama.issue, toyama.record, toyama.template, toyama.secret,
    toyama.amendment, toyama.counter TO toyama_terminal, toyama_publisher;
GRANT SELECT (host, sequence) ON toyama.event TO toyama_terminal, toyama_publisher;
GRANT INSERT (sequence, der, link) ON toyama.event TO toyama_terminal, toyama_publisher;
GRANT INSERT (person, failures, until), UPDATE (failures, until, changed) ON toyama.counter
    TO toyama_terminal, toyama_publisher;
GRANT SELECT, INSERT (issue, sequence), UPDATE (issue, sequence, seen) ON toyama.terminal
    TO toyama_terminal, toyama_publisher;
GRANT INSERT, UPDATE, DELETE ON toyama.issue, toyama.record, toyama.template, toyama.secret
    TO toyama_publisher;
GRANT INSERT (hash, der) ON toyama.amendment TO toyama_terminal, toyama_publisher;
GRANT SELECT ON toyama.version, toyama.issue, toyama.event, toyama.terminal TO toyama_auditor;

ALTER TABLE toyama.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY event_read ON toyama.event FOR SELECT
    USING (host = session_user OR pg_has_role(session_user, 'toyama_auditor', 'MEMBER'));
CREATE POLICY event_write ON toyama.event FOR INSERT WITH CHECK (host = session_user);

ALTER TABLE toyama.counter ENABLE ROW LEVEL SECURITY;
CREATE POLICY counter_read ON toyama.counter FOR SELECT USING (true);
CREATE POLICY counter_add ON toyama.counter FOR INSERT WITH CHECK (host = session_user);
CREATE POLICY counter_change ON toyama.counter FOR UPDATE USING (host = session_user)
    WITH CHECK (host = session_user);

ALTER TABLE toyama.terminal ENABLE ROW LEVEL SECURITY;
CREATE POLICY terminal_read ON toyama.terminal FOR SELECT
    USING (host = session_user OR pg_has_role(session_user, 'toyama_auditor', 'MEMBER'));
CREATE POLICY terminal_add ON toyama.terminal FOR INSERT WITH CHECK (host = session_user);
CREATE POLICY terminal_change ON toyama.terminal FOR UPDATE USING (host = session_user)
    WITH CHECK (host = session_user);
