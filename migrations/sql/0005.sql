-- What kinds of media there are, beside videos.

-- media_type: video, audio, image or attached. category_ids: a JSON list.
-- All are null in rows that the former version writes while it is being replaced.
ALTER TABLE media ADD COLUMN IF NOT EXISTS media_type text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS business_type text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS icon_url text;
ALTER TABLE media ADD COLUMN IF NOT EXISTS category_ids text;

UPDATE media
   SET media_type = CASE WHEN extension IN ('aac', 'ac3', 'acm', 'amr', 'ape', 'caf', 'flac',
                                            'm4a', 'mp3', 'ra', 'wav', 'wma')
                         THEN 'audio' ELSE 'video' END,
       business_type = '', icon_url = '', category_ids = '[]'
 WHERE media_type IS NULL AND media_id > %(after)s AND media_id <= %(until)s;
