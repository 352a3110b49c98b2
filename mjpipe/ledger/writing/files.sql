-- name: fetched
UPDATE images SET path = ?, sha256 = ?, size = ?, fetched = ?, width = ?, height = ?, media_type = ?
WHERE attempt = ? AND number = ?;

-- name: gone
UPDATE images SET fetched = ? WHERE attempt = ? AND path IS NULL;

-- name: fetched_job
UPDATE jobs SET state = ?, reason = ?, code = ? WHERE id = ? AND attempt = ? AND state = 'succeeded';

-- name: lost
UPDATE images SET path = NULL, sha256 = NULL, size = NULL, fetched = NULL, checked = NULL,
                  hand_sha256 = NULL, hand_size = NULL, width = NULL, height = NULL, media_type = NULL
WHERE attempt = ? AND number = ?;

-- name: lost_job
UPDATE jobs SET state = 'succeeded' WHERE id = ? AND attempt = ? AND state = 'done';

-- name: checked
UPDATE images SET checked = ?, hand_sha256 = ?, hand_size = ?, width = ?, height = ?, media_type = ?
WHERE attempt = ? AND number = ?;

-- name: pruned
UPDATE images SET path = NULL, sha256 = NULL, size = NULL, checked = NULL, hand_sha256 = NULL, hand_size = NULL,
                  width = NULL, height = NULL, media_type = NULL
WHERE attempt = ? AND number = ?;
