-- Version 1. A survey: its domains, who measures them, and what was seen. Times of measurements are microseconds since 1970
-- in UTC; leases are by the database's own clock, which all workers share.

-- What it is a survey of: one row.
CREATE TABLE survey (
    one integer PRIMARY KEY CHECK (one = 1),
    -- The digest of the domains that were drawn.
    list text NOT NULL,
    -- The names of the attributes, as JSON.
    attributes text NOT NULL,
    -- How many domains the whole list has.
    listed bigint NOT NULL,
    -- The sample's seed; none: the whole list.
    seed bigint,
    dns_only boolean NOT NULL,
    began bigint NOT NULL
);

CREATE TABLE domains (
    place bigint PRIMARY KEY,
    domain text COLLATE "C" NOT NULL UNIQUE,
    -- As JSON.
    attributes text NOT NULL,
    -- When it was measured; none: it is to be.
    ended bigint,
    -- What was seen, as compressed JSON.
    evidence bytea,
    -- Who measures it, and until when nobody else does.
    worker bigint,
    leased_until timestamptz
);
ALTER TABLE domains ALTER COLUMN evidence SET STORAGE EXTERNAL;
CREATE INDEX domains_to_do ON domains (place) WHERE ended IS NULL;
CREATE INDEX domains_leased ON domains (worker) WHERE worker IS NOT NULL;

-- What addresses showed, so that no worker asks one that another has asked.
CREATE TABLE servers (
    ip text NOT NULL,
    host text NOT NULL,
    -- Whether everything was enumerated.
    whole boolean NOT NULL,
    at bigint NOT NULL,
    -- Whether its probes are its own, and not those under another name.
    own boolean NOT NULL,
    server bytea NOT NULL,
    PRIMARY KEY (ip, host, whole)
);
ALTER TABLE servers ALTER COLUMN server SET STORAGE EXTERNAL;
CREATE TABLE certificates (
    sha256 text PRIMARY KEY,
    der bytea NOT NULL
);
