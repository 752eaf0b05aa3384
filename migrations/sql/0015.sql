-- Templates of the APIs whose clients know them by numbers: sets of parameters of one output, or of
-- a watermark, as the client gave them; the API compiles them when a task names them.

-- group_id, position: of a set that is part of a group; '' and 0 of all others.
CREATE TABLE IF NOT EXISTS parameter_set (
    number bigint PRIMARY KEY,
    account_id text NOT NULL,
    kind text NOT NULL,
    group_id text NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS parameter_set_by_group
    ON parameter_set (account_id, kind, group_id, number);

CREATE TABLE IF NOT EXISTS parameter_group (
    group_id text PRIMARY KEY,
    account_id text NOT NULL,
    name text NOT NULL,
    content text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS parameter_group_by_account
    ON parameter_group (account_id, created_at, group_id);

CREATE INDEX IF NOT EXISTS parameter_group_by_name ON parameter_group (account_id, name);

-- The names that are taken, where they have to differ: as a primary key, so that of two who take
-- one at once only one gets it.
CREATE TABLE IF NOT EXISTS parameter_name (
    account_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (account_id, kind, name)
);
