-- Work that is shared out among workers, what encoding costs here, and what attempts leave behind.

-- plan_id: of a chunk, the plan that it is part of; of a rendition, the plan that makes it.
ALTER TABLE job ADD COLUMN IF NOT EXISTS plan_id text;

CREATE INDEX IF NOT EXISTS job_by_plan ON job (plan_id, kind, created_at);

-- A long source that many workers encode; spec is JSON of the cuts and of the renditions.
CREATE TABLE IF NOT EXISTS split_plan (
    plan_id text PRIMARY KEY,
    media_id text NOT NULL,
    spec text NOT NULL,
    created_at timestamptz NOT NULL
);

-- Objects that are in the bucket, or may be, before the work that makes them has ended. owner_id is
-- a rendition's job or a plan; removed when that has ended without them.
CREATE TABLE IF NOT EXISTS unfinished_output (
    owner_id text PRIMARY KEY,
    prefix text NOT NULL,
    temporary boolean NOT NULL,
    look_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS unfinished_output_to_look_at ON unfinished_output (look_at);

-- cost_key: "encode/h264/fast"; nanoseconds of one worker for a megapixel-second.
CREATE TABLE IF NOT EXISTS work_cost (
    cost_key text PRIMARY KEY,
    nanoseconds bigint NOT NULL,
    observations bigint NOT NULL,
    modified_at timestamptz NOT NULL
);
