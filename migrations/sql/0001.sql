-- Media, their outputs, and the work on them.
-- Rules (they hold on PostgreSQL and on Aurora DSQL): ids are made by the program, JSON is text,
-- no foreign keys, no sequences, no descending or partial indexes.

CREATE TABLE IF NOT EXISTS media (
    media_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    tags text NOT NULL,
    category_id bigint,
    custom_cover_url text NOT NULL,
    cover_key text NOT NULL,
    file_name text NOT NULL,
    extension text NOT NULL,
    source_key text NOT NULL,
    declared_size bigint,
    status text NOT NULL,
    template_group_id text NOT NULL,
    workflow_id text NOT NULL,
    callback_url text NOT NULL,
    extend text NOT NULL,
    generation bigint NOT NULL,
    source_size bigint,
    source_etag text NOT NULL,
    source_sequencer text NOT NULL,
    uploaded_at timestamptz,
    facts text NOT NULL,
    error_code text NOT NULL,
    error_message text NOT NULL,
    look_for_upload_at timestamptz,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS media_by_account ON media (account_id, app_id, created_at, media_id);

CREATE INDEX IF NOT EXISTS media_to_look_for ON media (look_for_upload_at);

CREATE TABLE IF NOT EXISTS stream (
    job_id text PRIMARY KEY,
    account_id text NOT NULL,
    media_id text NOT NULL,
    generation bigint NOT NULL,
    template_id text NOT NULL,
    definition text NOT NULL,
    format text NOT NULL,
    object_key text NOT NULL,
    size bigint NOT NULL,
    facts text NOT NULL,
    original boolean NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS stream_by_media ON stream (media_id, created_at);

CREATE TABLE IF NOT EXISTS snapshot_set (
    job_id text PRIMARY KEY,
    account_id text NOT NULL,
    media_id text NOT NULL,
    kind text NOT NULL,
    key_pattern text NOT NULL,
    snapshot_count bigint NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS snapshot_set_by_media ON snapshot_set (media_id, kind, finished_at);

CREATE TABLE IF NOT EXISTS task (
    task_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    media_id text NOT NULL,
    generation bigint NOT NULL,
    template_group_id text NOT NULL,
    cause text NOT NULL,
    priority bigint NOT NULL,
    callback_url text NOT NULL,
    extend text NOT NULL,
    total bigint NOT NULL,
    finished bigint NOT NULL,
    succeeded bigint NOT NULL,
    error_code text NOT NULL,
    error_message text NOT NULL,
    created_at timestamptz NOT NULL,
    completed_at timestamptz
);

CREATE INDEX IF NOT EXISTS task_by_media ON task (media_id, created_at);

CREATE TABLE IF NOT EXISTS job (
    job_id text PRIMARY KEY,
    kind text NOT NULL,
    queue text NOT NULL,
    account_id text NOT NULL,
    app_id text NOT NULL,
    media_id text NOT NULL,
    generation bigint NOT NULL,
    task_id text NOT NULL,
    template_id text NOT NULL,
    definition text NOT NULL,
    spec text NOT NULL,
    priority bigint NOT NULL,
    rank bigint NOT NULL,
    callback_url text NOT NULL,
    extend text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    lease_owner text NOT NULL,
    due_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    progress bigint NOT NULL,
    result text NOT NULL,
    error_code text NOT NULL,
    error_message text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS job_to_run ON job (queue, state, rank, created_at, job_id);

CREATE INDEX IF NOT EXISTS job_due ON job (state, due_at);

CREATE INDEX IF NOT EXISTS job_by_task ON job (task_id, created_at);

CREATE INDEX IF NOT EXISTS job_by_media ON job (media_id, kind, created_at);
