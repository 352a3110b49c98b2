-- From format 2 to format 3: requests in the forms of today, and the fingerprints that follow from them (`forms.py`).

-- What became of an image's file since it was fetched.
ALTER TABLE images ADD COLUMN checked INTEGER;
ALTER TABLE images ADD COLUMN hand_sha256 TEXT;
ALTER TABLE images ADD COLUMN hand_size INTEGER;

-- `assets.jsonl` says whether somebody has changed an image: it is written again.
DELETE FROM bindings WHERE name = 'reported';

-- Older releases did not look at the types that the service offers: what they released and never sent is decided again.
UPDATE jobs SET state = 'waiting'
WHERE state = 'ready' AND attempt IS NULL AND source IS NOT NULL
  AND (SELECT state FROM jobs s WHERE s.id = jobs.source) IN ('succeeded', 'done');
