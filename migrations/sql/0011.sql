-- Applications inside an account, who may use them, how fast the account may call, and the file
-- that tells old players whether they may read from here.

-- The default application has a row only once somebody has changed it.
CREATE TABLE IF NOT EXISTS application (
    account_id text NOT NULL,
    app_id text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, app_id)
);

-- Counted up by every change of an account's applications, so that their number and the uniqueness
-- of their names hold under concurrent changes.
CREATE TABLE IF NOT EXISTS application_registry (
    account_id text PRIMARY KEY,
    revision bigint NOT NULL
);

-- Users and roles that were ever given a policy: they are held to their policies from then on.
-- kind: user or role. revision: counted up by every change of the policies.
CREATE TABLE IF NOT EXISTS application_identity (
    account_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (account_id, kind, name)
);

-- policy: full, read or administrator; the last has no application.
CREATE TABLE IF NOT EXISTS application_grant (
    account_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    app_id text NOT NULL,
    policy text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, kind, name, app_id, policy)
);

CREATE INDEX IF NOT EXISTS application_grant_by_app ON application_grant (account_id, app_id);

-- level: thousandths of calls that were left at the moment `at`; below zero: calls that processes
-- let through without knowing of each other, to be made up for.
CREATE TABLE IF NOT EXISTS call_allowance (
    account_id text NOT NULL,
    action text NOT NULL,
    level bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (account_id, action)
);

CREATE TABLE IF NOT EXISTS cross_domain_policy (
    account_id text PRIMARY KEY,
    content text NOT NULL,
    modified_at timestamptz NOT NULL
);
