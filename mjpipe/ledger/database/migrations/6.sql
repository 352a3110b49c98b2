-- From format 5 to format 6: the size, the type and the label of each image.

ALTER TABLE images ADD COLUMN width INTEGER;
ALTER TABLE images ADD COLUMN height INTEGER;
ALTER TABLE images ADD COLUMN media_type TEXT;

ALTER TABLE jobs ADD COLUMN lead TEXT;

-- Its templates found no text equal to a number.
INSERT INTO bindings SELECT 'sent_by_older', '' WHERE EXISTS (SELECT 1 FROM attempts);
