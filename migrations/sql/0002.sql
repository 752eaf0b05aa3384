-- The room identity: accounts, users, access keys, roles, master keys, and the nonces of requests.

CREATE TABLE IF NOT EXISTS account (
    account_id text PRIMARY KEY,
    created_at timestamptz NOT NULL
);

-- policies: a JSON list of system policies' names and of policy documents.
CREATE TABLE IF NOT EXISTS ram_user (
    account_id text NOT NULL,
    user_name text NOT NULL,
    policies text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, user_name)
);

-- secret: encrypted under the master key master_key_id, bound to access_key_id.
CREATE TABLE IF NOT EXISTS access_key (
    access_key_id text PRIMARY KEY,
    account_id text NOT NULL,
    user_name text NOT NULL,
    secret text NOT NULL,
    master_key_id bigint NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS access_key_of_user ON access_key (account_id, user_name, created_at);

CREATE INDEX IF NOT EXISTS access_key_of_master_key ON access_key (master_key_id, access_key_id);

-- trust: a JSON list of principals that may assume the role.
CREATE TABLE IF NOT EXISTS ram_role (
    account_id text NOT NULL,
    role_name text NOT NULL,
    policies text NOT NULL,
    trust text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, role_name)
);

-- wrapped: base64 of the key as KMS wrapped it. Key 1 is the first; each rotation adds the next.
CREATE TABLE IF NOT EXISTS master_key (
    key_id bigint PRIMARY KEY,
    wrapped text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);

-- Nonces of signed requests, kept until the request's timestamp is too old to be accepted.
CREATE TABLE IF NOT EXISTS nonce (
    access_key_id text NOT NULL,
    nonce text NOT NULL,
    request_id text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (access_key_id, nonce)
);

CREATE INDEX IF NOT EXISTS nonce_by_expiry ON nonce (expires_at);
