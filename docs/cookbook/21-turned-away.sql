-- Whom could the survey not ask, and who runs those servers? This biases every share.
SELECT operator, count(*) FILTER (starttls.error = 'blocked') AS blocked,
    count(*) FILTER (starttls.error = 'temp_reject') AS temp_reject
FROM 'survey/endpoints/*.parquet' WHERE starttls.error IN ('blocked', 'temp_reject') AND connections > 0 AND protocol = 'smtp'
GROUP BY operator ORDER BY blocked + temp_reject DESC, operator LIMIT 10;
