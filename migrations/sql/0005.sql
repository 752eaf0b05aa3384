-- The library: kinds of media, categories, what searches read, and what is being deleted.

-- media_type: video, audio, image or attached. category_ids: a JSON list. duration_ms: of the
-- source, null until known. preprocessing: of a copy for live mixers: running, succeeded or failed,
-- empty when none was asked for. indexed: whether media_text and media_count know the row.
-- All are null in rows that the former version writes while it is being replaced.
ALTER TABLE media ADD COLUMN IF NOT EXISTS media_type text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS business_type text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS icon_url text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS category_ids text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS duration_ms bigint;
ALTER TABLE media ADD COLUMN IF NOT EXISTS source_deleted_at timestamptz;
ALTER TABLE media ADD COLUMN IF NOT EXISTS preprocessing text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS indexed boolean;

UPDATE media
   SET media_type = CASE WHEN extension IN ('aac', 'ac3', 'acm', 'amr', 'ape', 'caf', 'flac',
                                            'm4a', 'mp3', 'ra', 'wav', 'wma')
                         THEN 'audio' ELSE 'video' END,
       business_type = '', icon_url = '', category_ids = '[]', preprocessing = '',
       duration_ms = CASE WHEN facts = '' THEN NULL
                          ELSE round((facts::json ->> 'duration')::numeric * 1000) END
 WHERE media_type IS NULL AND media_id > %(after)s AND media_id <= %(until)s;

CREATE INDEX IF NOT EXISTS media_by_type ON media (account_id, media_type, created_at, media_id);

CREATE INDEX IF NOT EXISTS media_by_status ON media (account_id, media_type, status, created_at, media_id);

CREATE INDEX IF NOT EXISTS media_by_category ON media (account_id, media_type, category_id, created_at, media_id);

CREATE INDEX IF NOT EXISTS media_by_modification ON media (account_id, media_type, modified_at, media_id);

CREATE INDEX IF NOT EXISTS media_by_size ON media (account_id, media_type, source_size);

CREATE INDEX IF NOT EXISTS media_by_duration ON media (account_id, media_type, duration_ms);

CREATE INDEX IF NOT EXISTS media_to_index ON media (indexed, media_id);

-- The beginnings of all endings of the texts of media: what contains a word has an ending that
-- begins with it, so that "contains" becomes a range of this key. repeated: how much of the ending
-- stands further to the front of the same text, too.
CREATE TABLE IF NOT EXISTS media_text (
    account_id text NOT NULL,
    media_type text NOT NULL,
    field text NOT NULL,
    ending text NOT NULL,
    media_id text NOT NULL,
    app_id text NOT NULL,
    before text NOT NULL,
    repeated bigint NOT NULL,
    PRIMARY KEY (account_id, media_type, field, ending, media_id, app_id, before, repeated)
);

-- How many media there are of each kind that lists are filtered by. cell: the columns after it,
-- as one key. month: YYYY-MM of created_at.
CREATE TABLE IF NOT EXISTS media_count (
    account_id text NOT NULL,
    cell text NOT NULL,
    app_id text NOT NULL,
    media_type text NOT NULL,
    status text NOT NULL,
    category_id bigint,
    month text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (account_id, cell)
);

-- Changes of those numbers, written with what changed them and added up later: writers would
-- meet at the numbers themselves.
CREATE TABLE IF NOT EXISTS media_count_change (
    change_id text PRIMARY KEY,
    account_id text NOT NULL,
    cell text NOT NULL,
    app_id text NOT NULL,
    media_type text NOT NULL,
    status text NOT NULL,
    category_id bigint,
    month text NOT NULL,
    amount bigint NOT NULL
);

CREATE INDEX IF NOT EXISTS media_count_change_of ON media_count_change (account_id, change_id);

-- When the numbers of an account are next compared with its media: functions of the former version
-- change media without telling, for as long as they run beside the new ones.
CREATE TABLE IF NOT EXISTS media_count_check (
    account_id text PRIMARY KEY,
    due_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS media_count_check_due ON media_count_check (due_at);

-- Category 0 stands above the first level. children: how many there are below, kept with them.
CREATE TABLE IF NOT EXISTS category (
    account_id text NOT NULL,
    category_id bigint NOT NULL,
    kind text NOT NULL,
    parent_id bigint NOT NULL,
    level bigint NOT NULL,
    name text NOT NULL,
    children bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, category_id)
);

CREATE INDEX IF NOT EXISTS category_of_parent ON category (account_id, parent_id, created_at, category_id);

-- Objects that are to go from the bucket, written with the change that made them superfluous.
-- part: all, mezzanine or stream. object_keys, prefixes: JSON lists. subject: JSON of what the event of the end tells, or empty.
-- sweeps: how often all of them were deleted; uploads under way may bring some back.
CREATE TABLE IF NOT EXISTS deletion (
    deletion_id text PRIMARY KEY,
    media_id text NOT NULL,
    part text NOT NULL,
    object_keys text NOT NULL,
    prefixes text NOT NULL,
    subject text NOT NULL,
    sweeps bigint NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS deletion_due ON deletion (due_at);
