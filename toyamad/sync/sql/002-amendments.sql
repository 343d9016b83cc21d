-- SPDX-License-Identifier: Apache-2.0
--
-- Amendments and stop notices travel over the database, and terminals tell the helpdesk's host when
-- somebody last logged in. Apply behind 001-roster.sql, as the owner, in the same way. Terminals of
-- the version before refuse this schema; those of this version work with both, so they go first.

-- Which host wrote a row, and when: a terminal can say neither.
DELETE FROM toyama.amendment WHERE hash <> sha256(der) OR octet_length(der) NOT BETWEEN 1 AND 4608;
ALTER TABLE toyama.amendment
    ADD COLUMN host    name NOT NULL DEFAULT session_user,
    ADD COLUMN arrived timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD CONSTRAINT amendment_hash_fits CHECK (hash = sha256(der)),
    ADD CONSTRAINT amendment_size CHECK (octet_length(der) BETWEEN 1 AND 4608);
CREATE INDEX amendment_host_arrived ON toyama.amendment(host, arrived);
CREATE INDEX amendment_arrived ON toyama.amendment(arrived);

-- A terminal in wrong hands must not bury the others' under its own.
CREATE FUNCTION toyama.amendment_limit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF (SELECT count(*) FROM toyama.amendment
        WHERE host = session_user AND arrived > now() - interval '1 day') >= 2000 THEN
        RAISE EXCEPTION 'amendment violates the limit of one host within a day';
    END IF;
    RETURN new;
END
$$;
REVOKE ALL ON FUNCTION toyama.amendment_limit() FROM PUBLIC;
CREATE TRIGGER amendment_limit BEFORE INSERT ON toyama.amendment
    FOR EACH ROW EXECUTE FUNCTION toyama.amendment_limit();

-- The helpdesk's host clears away what no host can need any more.
GRANT DELETE ON toyama.amendment TO toyama_publisher;

-- The last day (since 1970, UTC) on which somebody logged in at a host: for the rule about unused
-- cards, and no more than that needs.
CREATE TABLE toyama.last_use (
    host    name NOT NULL DEFAULT session_user,
    person  bytea NOT NULL CHECK (octet_length(person) = 16),
    day     integer NOT NULL CHECK (day BETWEEN 1 AND 100000),
    PRIMARY KEY (host, person)
);
CREATE INDEX last_use_person ON toyama.last_use(person);

GRANT SELECT, INSERT (person, day), UPDATE (day) ON toyama.last_use
    TO toyama_terminal, toyama_publisher;
GRANT DELETE ON toyama.last_use TO toyama_publisher;

-- Who worked when is nobody's business but the helpdesk's.
ALTER TABLE toyama.last_use ENABLE ROW LEVEL SECURITY;
CREATE POLICY last_use_read ON toyama.last_use FOR SELECT
    USING (host = session_user OR pg_has_role(session_user, 'toyama_publisher', 'MEMBER'));
CREATE POLICY last_use_add ON toyama.last_use FOR INSERT WITH CHECK (host = session_user);
CREATE POLICY last_use_change ON toyama.last_use FOR UPDATE USING (host = session_user)
    WITH CHECK (host = session_user);
CREATE POLICY last_use_clear ON toyama.last_use FOR DELETE
    USING (pg_has_role(session_user, 'toyama_publisher', 'MEMBER'));

INSERT INTO toyama.version(number) VALUES (2);
