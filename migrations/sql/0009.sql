-- Pictures: sheets of snapshots and their indexes, animated images, and the templates of both.

-- cell_pattern, cell_count: the single pictures of sheets, where they were kept. index_key: the
-- WebVTT file that tells which picture belongs to which time.
ALTER TABLE snapshot_set ADD COLUMN IF NOT EXISTS cell_pattern text;
ALTER TABLE snapshot_set ADD COLUMN IF NOT EXISTS cell_count bigint;
ALTER TABLE snapshot_set ADD COLUMN IF NOT EXISTS index_key text;

-- fps: a decimal number as text.
CREATE TABLE IF NOT EXISTS animated_image (
    image_id text PRIMARY KEY,
    job_id text NOT NULL,
    account_id text NOT NULL,
    media_id text NOT NULL,
    format text NOT NULL,
    object_key text NOT NULL,
    size bigint NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    fps text NOT NULL,
    duration_ms bigint NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS animated_image_by_media ON animated_image (media_id, created_at);

-- kind: snapshot or animated. config: the JSON as the client gave it; spec: what it means here.
CREATE TABLE IF NOT EXISTS picture_template (
    template_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    config text NOT NULL,
    spec text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS picture_template_by_account
    ON picture_template (account_id, app_id, kind, created_at);
