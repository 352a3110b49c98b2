-- name: succeeded
UPDATE attempts SET money = 'spent', finished = ?, urls_at = ?, actions = ?, created = ?, completed = ?
WHERE id = ? AND NOT EXISTS (SELECT 1 FROM images WHERE attempt = attempts.id);

-- name: image
INSERT INTO images (attempt, number, url) VALUES (?, ?, ?);

-- name: failed
UPDATE attempts SET money = ?, finished = ?, fail_code = ?, fail_message = ? WHERE id = ?;

-- name: unknown
UPDATE attempts SET money = 'spent', finished = ? WHERE id = ?;
