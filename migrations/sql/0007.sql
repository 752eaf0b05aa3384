-- What an account wants made of its media: template groups, watermarks, defaults, workflows.

CREATE TABLE IF NOT EXISTS template_group (
    group_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    name text NOT NULL,
    locked boolean NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS template_group_by_app
    ON template_group (account_id, app_id, created_at, group_id);

-- config: JSON of processing.template_groups.TemplateConfig; source: the client's own document.
CREATE TABLE IF NOT EXISTS template (
    template_id text PRIMARY KEY,
    group_id text NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    definition text NOT NULL,
    config text NOT NULL,
    source text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS template_by_group ON template (group_id, position);

-- config: JSON of mediaspec's overlay without its file; source: the client's own document.
CREATE TABLE IF NOT EXISTS watermark (
    watermark_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    object_key text NOT NULL,
    config text NOT NULL,
    source text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS watermark_by_app
    ON watermark (account_id, app_id, created_at, watermark_id);

-- What an application uses where a request names nothing. revision: counted up by every change of
-- the application's groups and watermarks, so that limits on their number hold.
CREATE TABLE IF NOT EXISTS processing_defaults (
    account_id text NOT NULL,
    app_id text NOT NULL,
    template_group_id text NOT NULL,
    watermark_id text NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (account_id, app_id)
);

-- nodes: a JSON list of processing.workflows.Node.
CREATE TABLE IF NOT EXISTS workflow (
    workflow_id text PRIMARY KEY,
    account_id text NOT NULL,
    app_id text NOT NULL,
    name text NOT NULL,
    active boolean NOT NULL,
    nodes text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS workflow_by_account
    ON workflow (account_id, created_at, workflow_id);

-- nodes: as they were when the run began. open_steps: how many steps have not ended.
CREATE TABLE IF NOT EXISTS workflow_run (
    run_id text PRIMARY KEY,
    workflow_id text NOT NULL,
    account_id text NOT NULL,
    media_id text NOT NULL,
    generation bigint NOT NULL,
    cause text NOT NULL,
    nodes text NOT NULL,
    open_steps bigint NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS workflow_run_by_media ON workflow_run (media_id, created_at);

-- work_id: the task or the job that does the step.
CREATE TABLE IF NOT EXISTS workflow_step (
    work_id text PRIMARY KEY,
    run_id text NOT NULL,
    node text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX IF NOT EXISTS workflow_step_of_run ON workflow_step (run_id, created_at);

-- output_name: the object key of the rendition without its extension, where a template says how
-- outputs are named; watermark_ids: separated by commas. Null in rows from before this migration.
ALTER TABLE job ADD COLUMN IF NOT EXISTS output_name text;
ALTER TABLE job ADD COLUMN IF NOT EXISTS watermark_ids text;
