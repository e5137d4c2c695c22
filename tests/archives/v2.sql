-- The site's archive of schema version 2, as that of version 1 beside it is brought forward, with a row of each concern.
PRAGMA application_id = 1298953076;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE scans (
    -- No number is given twice: pages are remembered by it.
    scan INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- What the rules of that time made of it, as JSON.
    verdict TEXT NOT NULL,
    evidence BLOB NOT NULL
) STRICT;
INSERT INTO scans VALUES(7,'example.org',1795988800000000,'{}',X'1f8b');
CREATE TABLE checks (
    id TEXT PRIMARY KEY,
    domain TEXT NOT NULL,
    asked INTEGER NOT NULL,
    scan INTEGER REFERENCES scans (scan)
) STRICT;
INSERT INTO checks VALUES('k1','example.org',1795988800000000,7);
CREATE TABLE objections (
    digest BLOB    PRIMARY KEY,
    kind   TEXT    NOT NULL CHECK (kind IN ('address', 'domain')),
    way    TEXT    NOT NULL CHECK (way IN ('link', 'mail', 'operator')),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO objections VALUES(X'0102030405','address','link',1795988800000000);
CREATE TABLE forget_orders (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    subject TEXT,                         -- an address or a domain; NULL: it is done
    outcome TEXT                          -- JSON
) STRICT;
INSERT INTO forget_orders VALUES(3,1795988800000000,'jane@example.net',NULL);
CREATE TABLE providers (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    added INTEGER NOT NULL,
    published INTEGER,
    updated INTEGER,
    retracted INTEGER,
    row TEXT
) STRICT;
INSERT INTO providers VALUES('acme','{}',1795988800000000,NULL,NULL,NULL,NULL);
CREATE TABLE provider_evidence (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    sources TEXT NOT NULL,
    document TEXT NOT NULL,
    page_en TEXT NOT NULL,
    page_de TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    set_aside INTEGER NOT NULL DEFAULT 0,
    UNIQUE (provider, key)
) STRICT;
CREATE TABLE provider_measures (
    provider TEXT NOT NULL,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    worth TEXT NOT NULL,
    PRIMARY KEY (provider, domain, at)
) STRICT;
CREATE TABLE provider_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO provider_events VALUES(1,'acme','told',1795988800000000,'by mail');
CREATE TABLE statistics (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;
INSERT INTO statistics VALUES(1,1796161656439190,'{"networks":null,"terms":{},"few":0}');
CREATE TABLE api_keys (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    made INTEGER NOT NULL,
    day_max INTEGER NOT NULL,
    day INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO api_keys VALUES('lab',X'0a0b',1795988800000000,100,0,0);
CREATE TABLE batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    finished INTEGER
) STRICT;
INSERT INTO batches VALUES(2,'b2','lab','all','open',1795988800000000,NULL);
CREATE TABLE batch_domains (
    batch INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    domain TEXT NOT NULL,
    -- 'waiting', 'checking', 'checked', 'done' or 'failed'.
    state TEXT NOT NULL,
    -- The link to its check.
    check_id TEXT,
    -- What was made of it, as JSON.
    results TEXT,
    technical TEXT,
    PRIMARY KEY (batch, place)
) STRICT;
INSERT INTO batch_domains VALUES(2,0,'example.org','waiting',NULL,NULL,NULL);
CREATE TABLE red_days (day TEXT PRIMARY KEY) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('scans',7);
INSERT INTO sqlite_sequence VALUES('forget_orders',3);
INSERT INTO sqlite_sequence VALUES('batches',2);
INSERT INTO sqlite_sequence VALUES('provider_events',1);
CREATE INDEX scans_by_domain ON scans (domain, at);
CREATE INDEX checks_by_scan ON checks (scan);
CREATE INDEX checks_by_age ON checks (asked);
CREATE INDEX provider_events_of ON provider_events (provider, kind, at);
CREATE INDEX batches_by_user ON batches (user, number);
CREATE INDEX batches_by_age ON batches (submitted);
CREATE INDEX batch_domains_by_state ON batch_domains (batch, state, place);
CREATE INDEX batch_domains_by_domain ON batch_domains (domain);
COMMIT;
