-- From version 2 to version 3: what TLS reports are worth, and who wants to be told of them.

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
