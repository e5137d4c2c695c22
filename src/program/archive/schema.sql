-- Version 3. What the site keeps. Times are microseconds since 1970 in UTC. `shared::database` brings earlier versions forward.

-- What scans on request saw, each once, compressed.
CREATE TABLE scans (
    -- No number is given twice: pages are remembered by it.
    scan INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- What the rules of that time made of it, as JSON.
    verdict TEXT NOT NULL,
    evidence BLOB NOT NULL
) STRICT;
CREATE INDEX scans_by_domain ON scans (domain, at);
-- The links that lead to them; without a scan while it is under way.
CREATE TABLE checks (
    id TEXT PRIMARY KEY,
    domain TEXT NOT NULL,
    asked INTEGER NOT NULL,
    scan INTEGER REFERENCES scans (scan)
) STRICT;
CREATE INDEX checks_by_scan ON checks (scan);
CREATE INDEX checks_by_age ON checks (asked);

-- Who wants no mail of ours: keyed digests of addresses and domains. They do not go by age.
CREATE TABLE objections (
    digest BLOB    PRIMARY KEY,
    kind   TEXT    NOT NULL CHECK (kind IN ('address', 'domain')),
    way    TEXT    NOT NULL CHECK (way IN ('link', 'mail', 'operator')),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the operator ordered to be forgotten, until the service has done it; then what came of it, without the subject.
-- An order with an outcome and a subject is begun: a part of it waits for trials that run.
CREATE TABLE forget_orders (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    subject TEXT,                         -- an address or a domain; NULL: it is done
    outcome TEXT                          -- JSON
) STRICT;

-- Providers as the operator described them (JSON); `row` is what is published of them.
CREATE TABLE providers (
    name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    added INTEGER NOT NULL,
    published INTEGER,
    updated INTEGER,
    retracted INTEGER,
    row TEXT
) STRICT;
-- Their evidence, redacted, apart from what it was taken from; `page_en` and `page_de` are a check's report as HTML.
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
-- What each check of a domain was worth: the hall of fame counts them.
CREATE TABLE provider_measures (
    provider TEXT NOT NULL,
    domain TEXT NOT NULL,
    at INTEGER NOT NULL,
    worth TEXT NOT NULL,
    PRIMARY KEY (provider, domain, at)
) STRICT;
-- What was said to, by and about a provider: told, reply, correction, change.
CREATE TABLE provider_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX provider_events_of ON provider_events (provider, kind, at);
-- Days of UTC on which the self-check was red.
CREATE TABLE red_days (day TEXT PRIMARY KEY) STRICT;
-- The last figures.
CREATE TABLE statistics (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL, document TEXT NOT NULL) STRICT;

-- Keys of the API's batch users, by digests of their secrets. What was used on a day (of those since 1970) counts
-- against the key's budget.
CREATE TABLE api_keys (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    made INTEGER NOT NULL,
    day_max INTEGER NOT NULL,
    day INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Lists of domains that users of the API want checked; each user's in the order of their numbers.
CREATE TABLE batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    finished INTEGER
) STRICT;
CREATE INDEX batches_by_user ON batches (user, number);
CREATE INDEX batches_by_age ON batches (submitted);
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
CREATE INDEX batch_domains_by_state ON batch_domains (batch, state, place);
CREATE INDEX batch_domains_by_domain ON batch_domains (domain);

-- What a TLS report was worth beside our own log, by the observation that it is. `faults` says by JSON how often which
-- field was wrong, and which defects it had; no name of a trial is in it.
CREATE TABLE report_scores (
    seq INTEGER PRIMARY KEY,
    reporter TEXT NOT NULL,               -- the domain whose signature vouches for it
    organization TEXT NOT NULL,           -- as it calls itself
    at INTEGER NOT NULL,
    fields_right INTEGER NOT NULL,
    fields_wrong INTEGER NOT NULL,
    lines_missing INTEGER NOT NULL,
    faults TEXT NOT NULL
) STRICT;
CREATE INDEX report_scores_by_age ON report_scores (at);
-- Who wants to be told of the reports about a trial, until that was done or nobody can be told any more; then that it was.
CREATE TABLE postscripts (
    trial TEXT PRIMARY KEY,
    address TEXT,                         -- NULL: it is done
    asked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
