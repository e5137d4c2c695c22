-- What the site keeps. Times are microseconds since 1970 in UTC. Each statement may be run again at every start.

PRAGMA user_version = 1;

-- What scans on request saw, each once, compressed.
CREATE TABLE IF NOT EXISTS scans (
    scan INTEGER PRIMARY KEY,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- What the rules of that time made of it, as JSON.
    verdict TEXT NOT NULL,
    evidence BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS scans_by_domain ON scans (domain, at);
-- The links that lead to them; without a scan while it is under way.
CREATE TABLE IF NOT EXISTS checks (
    id TEXT PRIMARY KEY,
    domain TEXT NOT NULL,
    asked INTEGER NOT NULL,
    scan INTEGER REFERENCES scans (scan)
) STRICT;
CREATE INDEX IF NOT EXISTS checks_by_scan ON checks (scan);
CREATE INDEX IF NOT EXISTS checks_by_age ON checks (asked);
