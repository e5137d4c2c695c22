-- Version 1. What nodes share besides the journal. Times are microseconds since 1970, UTC.

-- Who wants no mail of ours, as in the archive of a service that is alone.
CREATE TABLE objections (
    digest bytea  PRIMARY KEY,
    kind   text   NOT NULL CHECK (kind IN ('address', 'domain')),
    way    text   NOT NULL CHECK (way IN ('link', 'mail', 'operator')),
    at     bigint NOT NULL
);

-- Keys and certificates, sealed: the database cannot read them. Each new content has the next version.
CREATE TABLE secrets (
    name    text   PRIMARY KEY,
    version bigint NOT NULL,
    sealed  bytea  NOT NULL
);

-- What every name server of ours is to answer a CA now (JSON), and up to which version each node does.
CREATE TABLE challenges (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint  NOT NULL,
    answers text    NOT NULL
);
INSERT INTO challenges (version, answers) VALUES (0, '{}');
CREATE TABLE answering (
    node    text   PRIMARY KEY,
    version bigint NOT NULL,
    seen_at bigint NOT NULL
);
