-- name: orphan_totals
SELECT count(DISTINCT job), coalesce(sum(price), 0), count(DISTINCT job) FILTER (WHERE price IS NULL)
FROM attempts WHERE job IN (SELECT value FROM json_each(?)) AND money IN ('spent', 'reserved');
