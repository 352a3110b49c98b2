-- From format 2 to format 3: requests in the forms of today, and the fingerprints that follow from them (`forms.py`).

-- What became of an image's file since it was fetched.
ALTER TABLE images ADD COLUMN checked INTEGER;
ALTER TABLE images ADD COLUMN hand_sha256 TEXT;
ALTER TABLE images ADD COLUMN hand_size INTEGER;

-- `assets.jsonl` says whether somebody has changed an image: it is written again.
DELETE FROM bindings WHERE name = 'reported';
