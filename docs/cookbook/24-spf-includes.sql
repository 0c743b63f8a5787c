-- Whom do domains let send for them? The names that most records include, and whether those have a record.
SELECT include, count(*) AS domains, count(*) FILTER (list_contains(dangling, lower(include))) AS without_record FROM (
    SELECT unnest(spf.includes) AS include, spf.dangling AS dangling FROM 'survey/domains/*.parquet'
) GROUP BY include ORDER BY domains DESC, include LIMIT 10;
