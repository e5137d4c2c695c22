-- Version 2. `PRAGMA user_version` says which version a file has; `shared::sqlite` sets it, and brings earlier ones forward.

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
