-- What the site keeps. Times are microseconds since 1970 in UTC. Each statement may be run again at every start.

PRAGMA user_version = 1;

-- Who wants no mail of ours: keyed digests of addresses and domains. They do not go by age.
CREATE TABLE IF NOT EXISTS objections (
    digest BLOB    PRIMARY KEY,
    kind   TEXT    NOT NULL CHECK (kind IN ('address', 'domain')),
    way    TEXT    NOT NULL CHECK (way IN ('link', 'mail', 'operator')),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the operator ordered to be forgotten, until the service has done it; then what came of it, without the subject.
-- An order with an outcome and a subject is begun: a part of it waits for trials that run.
CREATE TABLE IF NOT EXISTS forget_orders (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    subject TEXT,                         -- an address or a domain; NULL: it is done
    outcome TEXT                          -- JSON
) STRICT;
