-- From version 1 to version 2: leases of claimed verdicts, and room for archived trials.
ALTER TABLE outbox ADD COLUMN claimed_until INTEGER;
ALTER TABLE observations ADD COLUMN trial INTEGER;
CREATE INDEX observations_of_trial ON observations (trial) WHERE trial IS NOT NULL;
CREATE INDEX observations_live ON observations (seq) WHERE trial IS NULL;
CREATE TABLE trials (
    number   INTEGER PRIMARY KEY,
    trial    TEXT    NOT NULL UNIQUE,
    ended_at INTEGER NOT NULL,
    past     TEXT    NOT NULL,
    record   TEXT    NOT NULL
) STRICT;
CREATE INDEX trials_by_end ON trials (ended_at);
