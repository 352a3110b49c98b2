-- name: traits
-- `vals` are the values of the columns that were asked for, as JSON, in their order: of a job's labels, or else of its row.
-- Without columns there is nothing to look for in each job.
j.wanted, j.node, json_extract(j.request, '$.mode') AS mode, json_extract(j.request, '$.speed') AS speed, j.state,
iif(:columns = '[]', '[]',
    (SELECT json_group_array(coalesce((SELECT value FROM json_each(j.labels) WHERE key = c.value),
                                      (SELECT value FROM json_each(j.row) WHERE key = c.value)))
     FROM json_each(:columns) c)) AS vals

-- name: job_sums
SELECT {traits},
       count(*) AS jobs, coalesce(sum(j.price), 0) AS micros, count(j.price) AS priced
FROM jobs j
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY j.wanted DESC, min(j.position);

-- name: attempt_sums
SELECT {traits},
       a.money,
       -- as `JobRecord.result` has it
       a.id IS CASE WHEN j.state IN ('succeeded', 'done') OR j.state = 'failed' AND j.code = 'images_gone'
                    THEN j.attempt ELSE j.reroll_of END AS results,
       a.intended >= :since AS recent,
       count(*) AS attempts, coalesce(sum(a.price), 0) AS micros, count(a.price) AS priced,
       sum((SELECT count(path) FROM images WHERE attempt = a.id)) AS images
FROM attempts a JOIN jobs j ON j.id = a.job
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- name: columns_tried
-- SQLite takes `c.id`, the place in its row, from the job that has the least position.
SELECT c.key, min(j.position + CASE j.wanted WHEN 1 THEN 0 ELSE 1 << 62 END), c.id
FROM jobs j, json_each(CASE :table WHEN 'row' THEN j.row ELSE j.labels END) c
WHERE EXISTS (SELECT 1 FROM attempts WHERE job = j.id)
GROUP BY c.key ORDER BY 2, 3, 1;
