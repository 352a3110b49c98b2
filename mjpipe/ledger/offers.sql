-- name: result_of
SELECT body, actions, EXISTS (SELECT 1 FROM jobs WHERE id = job AND attempt = attempts.id
                                                   AND state = 'failed' AND code = 'images_gone')
FROM attempts WHERE id = ?;
