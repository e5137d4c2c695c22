-- Version 2. Times are microseconds since 1970, UTC; all else is as in `schema.sql`, and so are the statements: what SQLite has
-- as a function and PostgreSQL has not is made here.

-- JSON is kept as text, as it was written: a NUL in it is the six characters \u0000, which a text holds, while a NUL itself is
-- refused (22021). What is taken out of it would have to hold that NUL, which fails (22P05); so `json_extract` leaves each
-- \u0000 out before it looks, and spares what only ends like one, as in \\u0000. `json_each` does not: it is for lists of our
-- own labels.
CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN strpos(document, '\u0000') = 0 THEN document
    ELSE regexp_replace(document, '(?<!\\)((\\\\)*)\\u0000', '\1', 'g') END::json #>> string_to_array(substr(path, 3), '.') $$;
CREATE FUNCTION json_each(document text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT json_array_elements_text(document::json) $$;
CREATE FUNCTION instr(whole text, part text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT strpos(whole, part)::bigint $$;

-- The end of the journal. Whoever writes locks it from before the first row to the commit of the last: so the order of
-- `seq` is that of commits, and whoever has read up to `last` has skipped nothing. `octets` is how much is stored.
CREATE TABLE head (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    last   bigint NOT NULL,
    octets bigint NOT NULL
);
INSERT INTO head (last, octets) VALUES (0, 0);

CREATE TABLE observations (
    seq   bigint PRIMARY KEY,
    at    bigint NOT NULL,
    link  bigint,
    kind  text   NOT NULL,
    fact  text   NOT NULL,
    trial bigint
);
CREATE INDEX observations_by_link ON observations (link) WHERE link IS NOT NULL;
CREATE INDEX observations_by_kind ON observations (kind, seq);
CREATE INDEX observations_by_time ON observations (at);
CREATE INDEX observations_of_trial ON observations (trial) WHERE trial IS NOT NULL;
CREATE INDEX observations_live ON observations (seq) WHERE trial IS NULL;

CREATE TABLE reports (
    seq     bigint PRIMARY KEY,
    at      bigint NOT NULL,
    vouched bigint NOT NULL CHECK (vouched IN (0, 1)),
    octets  bigint NOT NULL
);
CREATE TABLE report_labels (
    label text   NOT NULL,
    seq   bigint NOT NULL,
    PRIMARY KEY (label, seq)
);
CREATE INDEX report_labels_by_seq ON report_labels (seq);

CREATE TABLE leases (
    label text   NOT NULL,
    at    bigint NOT NULL,
    seq   bigint NOT NULL,
    root  text   NOT NULL,
    PRIMARY KEY (label, at, seq)
);
CREATE INDEX leases_by_seq ON leases (seq);

-- What stands beside an observation goes with it.
CREATE FUNCTION observations_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE head SET octets = octets - coalesce((SELECT sum(octet_length(fact) + 120) FROM gone), 0);
    DELETE FROM reports WHERE seq IN (SELECT seq FROM gone WHERE kind = 'report-received');
    DELETE FROM report_labels WHERE seq IN (SELECT seq FROM gone WHERE kind = 'report-received');
    DELETE FROM leases WHERE seq IN (SELECT seq FROM gone WHERE kind = 'labels-issued');
    RETURN NULL;
END $$;
CREATE TRIGGER observations_go AFTER DELETE ON observations REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION observations_go();

CREATE TABLE trials (
    number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    trial    text   NOT NULL UNIQUE,
    ended_at bigint NOT NULL,
    past     text   NOT NULL,
    record   text   NOT NULL
);
CREATE INDEX trials_by_end ON trials (ended_at);

CREATE TABLE addresses (
    link    bigint NOT NULL,
    number  bigint NOT NULL,
    id      text   NOT NULL,
    address text   NOT NULL,
    at      bigint NOT NULL,
    PRIMARY KEY (link, number)
);
CREATE INDEX addresses_by_id ON addresses (id);

-- `node`: who claimed it last.
CREATE TABLE outbox (
    trial           text   PRIMARY KEY,
    seq             bigint NOT NULL,
    state           text   NOT NULL CHECK (state IN ('pending', 'claimed', 'interrupted', 'done', 'failed')),
    attempts        bigint NOT NULL DEFAULT 0,
    next_attempt_at bigint NOT NULL,
    claimed_at      bigint,
    last_error      text,
    claimed_until   bigint,
    node            bigint
);
CREATE INDEX outbox_by_due ON outbox (state, next_attempt_at);

CREATE TABLE mailed (
    at      bigint NOT NULL,
    address text   NOT NULL,
    domain  text   NOT NULL
);
CREATE INDEX mailed_by_time ON mailed (at);

CREATE TABLE meta (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- Who writes here. `groups` is how many commits a node has made, by which one is told whose answer was lost; `joins` how often it
-- has joined: only the last process to do so is the node. `has_left`: it ended in order, with all that it saw written.
CREATE TABLE nodes (
    number   bigint PRIMARY KEY CHECK (number BETWEEN 1 AND 2046),
    name     text   NOT NULL UNIQUE,
    version  text   NOT NULL,
    groups   bigint NOT NULL DEFAULT 0,
    seen_at  bigint NOT NULL,
    draining bigint NOT NULL DEFAULT 0 CHECK (draining IN (0, 1)),
    joins    bigint NOT NULL DEFAULT 0,
    has_left bigint NOT NULL DEFAULT 0 CHECK (has_left IN (0, 1))
);

-- What one node does for all, and until when. Times are the server's own.
CREATE TABLE tasks (
    task  text   PRIMARY KEY,
    node  bigint NOT NULL REFERENCES nodes,
    until bigint NOT NULL
);
