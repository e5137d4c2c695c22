-- From version 2 to version 3: what stands beside TLS reports and labels that were given out, so that they are found.
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

INSERT INTO reports SELECT seq, at, coalesce(json_array_length(fact, '$.came.signed_by'), 0) > 0, length(fact)
    FROM observations WHERE kind = 'report-received';
-- All parts of a name: more than are labels, and none that is left out.
INSERT OR IGNORE INTO report_labels SELECT part.value, named.seq FROM (
    SELECT o.seq, '["' || replace(json_extract(policy.value, '$."policy-domain"'), '.', '","') || '"]' AS parts
    FROM observations o, json_each(o.fact, '$.reading.report.policies') policy WHERE o.kind = 'report-received'
) named, json_each(CASE WHEN json_valid(named.parts) THEN named.parts ELSE '[]' END) part;
INSERT OR IGNORE INTO leases SELECT label.value, o.at, o.seq, json_extract(o.fact, '$.label')
    FROM observations o, json_each(o.fact, '$.labels') label
    WHERE o.kind = 'labels-issued' AND label.value GLOB 'p[0-9][0-9][0-9][0-9]';
