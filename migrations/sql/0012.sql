-- Work on files that are no media: objects of any bucket that an account lets be read and written.

-- number: what clients know the task by. client: what the API that it was asked for through wants
-- back with it, as JSON of its own. total, finished, succeeded: of the jobs that make its results;
-- the one that looks at the source first is not counted. facts: of the source, once they are known.
CREATE TABLE IF NOT EXISTS file_task (
    number bigint PRIMARY KEY,
    account_id text NOT NULL,
    kind text NOT NULL,
    source_bucket text NOT NULL,
    source_key text NOT NULL,
    target_bucket text NOT NULL,
    target_folder text NOT NULL,
    user_data text NOT NULL,
    client text NOT NULL,
    priority bigint NOT NULL,
    state text NOT NULL,
    total bigint NOT NULL,
    finished bigint NOT NULL,
    succeeded bigint NOT NULL,
    facts text NOT NULL,
    error_code text NOT NULL,
    error_message text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS file_task_by_kind ON file_task (account_id, kind, created_at, number);

CREATE INDEX IF NOT EXISTS file_task_by_state
    ON file_task (account_id, kind, state, created_at, number);

CREATE INDEX IF NOT EXISTS file_task_by_source
    ON file_task (account_id, kind, source_bucket, source_key, created_at, number);

-- Of a job on a file: the task that it is part of; its media_id is empty then.
ALTER TABLE job ADD COLUMN IF NOT EXISTS file_task bigint;

CREATE INDEX IF NOT EXISTS job_by_file_task ON job (file_task, created_at);
