-- Version 1. A survey: its domains, and what was seen. Times are microseconds since 1970 in UTC.

-- What it is a survey of: one row.
CREATE TABLE survey (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The digest of the domains that were drawn.
    list TEXT NOT NULL,
    -- The names of the attributes, as JSON.
    attributes TEXT NOT NULL,
    -- How many domains the whole list has.
    listed INTEGER NOT NULL,
    -- The sample's seed; none: the whole list.
    seed INTEGER,
    dns_only INTEGER NOT NULL,
    began INTEGER NOT NULL
) STRICT;

CREATE TABLE domains (
    place INTEGER PRIMARY KEY,
    domain TEXT NOT NULL UNIQUE,
    -- As JSON.
    attributes TEXT NOT NULL,
    -- When it was measured; none: it is to be.
    ended INTEGER,
    -- What was seen, as compressed JSON.
    evidence BLOB
) STRICT;
CREATE INDEX domains_to_do ON domains (place) WHERE ended IS NULL;

-- What addresses showed, so that whoever goes on later asks none twice.
CREATE TABLE servers (
    ip TEXT NOT NULL,
    host TEXT NOT NULL,
    -- Whether everything was enumerated.
    whole INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- Whether its probes are its own, and not those under another name.
    own INTEGER NOT NULL,
    server BLOB NOT NULL,
    PRIMARY KEY (ip, host, whole)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificates (
    sha256 TEXT PRIMARY KEY,
    der BLOB NOT NULL
) STRICT, WITHOUT ROWID;
