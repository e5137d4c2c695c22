-- Version 3. `PRAGMA user_version` says which version a file has; `shared::database` sets it, and brings earlier ones forward.

-- What the listeners noted, in order. Never changed, and deleted only by age (or, for queries, by number),
-- those of an archived trial together with it.
CREATE TABLE observations (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,               -- microseconds since 1970, UTC
    link INTEGER,                        -- the 64 bits of LinkId, as SQLite's signed integer
    kind TEXT    NOT NULL,               -- the `fact` of the JSON
    fact TEXT    NOT NULL,               -- JSON of history::Fact
    trial INTEGER                        -- the number of the archived trial it belongs to; NULL: to none
) STRICT;
CREATE INDEX observations_by_link ON observations (link) WHERE link IS NOT NULL;
CREATE INDEX observations_by_kind ON observations (kind, seq);
CREATE INDEX observations_by_time ON observations (at);
CREATE INDEX observations_of_trial ON observations (trial) WHERE trial IS NOT NULL;
CREATE INDEX observations_live ON observations (seq) WHERE trial IS NULL;

-- TLS reports among the observations: which, when, how much, and whether a signature vouches for one. Beside them, the
-- labels that each names.
CREATE TABLE reports (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,            -- microseconds since 1970, UTC
    vouched INTEGER NOT NULL CHECK (vouched IN (0, 1)),
    octets  INTEGER NOT NULL             -- of what is stored of it
) STRICT;
CREATE TABLE report_labels (
    label TEXT    NOT NULL,
    seq   INTEGER NOT NULL,
    PRIMARY KEY (label, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_labels_by_seq ON report_labels (seq);
CREATE TRIGGER report_goes AFTER DELETE ON observations WHEN OLD.kind = 'report-received' BEGIN
    DELETE FROM reports WHERE seq = OLD.seq;
    DELETE FROM report_labels WHERE seq = OLD.seq;
END;

-- Who had which label of the pool, from when on: the free label of the trial, by the observation that gave it out.
CREATE TABLE leases (
    label TEXT    NOT NULL,
    at    INTEGER NOT NULL,              -- microseconds since 1970, UTC
    seq   INTEGER NOT NULL,
    root  TEXT    NOT NULL,
    PRIMARY KEY (label, at, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX leases_by_seq ON leases (seq);
CREATE TRIGGER leases_go AFTER DELETE ON observations WHEN OLD.kind = 'labels-issued' BEGIN
    DELETE FROM leases WHERE seq = OLD.seq;
END;

-- Trials that ended and were told: their observations are read only when somebody asks.
CREATE TABLE trials (
    number   INTEGER PRIMARY KEY,
    trial    TEXT    NOT NULL UNIQUE,
    ended_at INTEGER NOT NULL,           -- microseconds since 1970, UTC
    past     TEXT    NOT NULL,           -- JSON: what a later trial must know of it
    record   TEXT    NOT NULL            -- JSON: what a list shows of it
) STRICT;
CREATE INDEX trials_by_end ON trials (ended_at);

-- Full reverse-paths, one row for each transaction whose verdict still needs it.
CREATE TABLE addresses (
    link    INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    id      TEXT    NOT NULL,
    address TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (link, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_id ON addresses (id);

-- One row for each trial that ended. Claimed, for a while, before a verdict is handed over; what is claimed when the
-- service starts was interrupted, and may have gone out, and so may what is claimed beyond its time.
CREATE TABLE outbox (
    trial           TEXT    PRIMARY KEY,
    seq             INTEGER NOT NULL,    -- the observation of the trial's end
    state           TEXT    NOT NULL CHECK (state IN ('pending', 'claimed', 'interrupted', 'done', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    claimed_at      INTEGER,
    last_error      TEXT,
    claimed_until   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_due ON outbox (state, next_attempt_at);

-- Verdicts that were mailed, for the limits by day; kept for two days.
CREATE TABLE mailed (
    at      INTEGER NOT NULL,
    address TEXT    NOT NULL,
    domain  TEXT    NOT NULL
) STRICT;
CREATE INDEX mailed_by_time ON mailed (at);

-- The key of all identities (`secret`).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
