-- Passwords of users, for APIs whose clients ask for a token with one.

-- hash: scrypt with its parameters and salt, as identity/passwords.py writes it.
CREATE TABLE IF NOT EXISTS user_password (
    account_id text NOT NULL,
    user_name text NOT NULL,
    hash text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, user_name)
);
