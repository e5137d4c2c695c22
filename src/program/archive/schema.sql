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
CREATE TABLE IF NOT EXISTS forget_orders (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    subject TEXT,                         -- an address or a domain; NULL: it is done
    outcome TEXT                          -- JSON
) STRICT;
-- What scans on request saw, each once, compressed.
CREATE TABLE IF NOT EXISTS scans (
    -- No number is given twice: pages are remembered by it.
    scan INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- What the rules of that time made of it, as JSON.
    verdict TEXT NOT NULL,
    evidence BLOB NOT NULL
CREATE INDEX IF NOT EXISTS scans_by_domain ON scans (domain, at);
-- The links that lead to them; without a scan while it is under way.
CREATE TABLE IF NOT EXISTS checks (
    id TEXT PRIMARY KEY,
    domain TEXT NOT NULL,
    asked INTEGER NOT NULL,
    scan INTEGER REFERENCES scans (scan)
CREATE INDEX IF NOT EXISTS checks_by_scan ON checks (scan);
CREATE INDEX IF NOT EXISTS checks_by_age ON checks (asked);
