-- What kinds of domains are there? Every domain is in one class.
WITH strata AS (
    SELECT class, weight, count(*) AS domains FROM 'survey/verdicts/*.parquet' GROUP BY ALL
)
SELECT class, sum(domains)::BIGINT AS domains,
    sum(weight * domains ORDER BY weight) / (SELECT sum(weight * domains ORDER BY weight) FROM strata) AS share
FROM strata GROUP BY class ORDER BY domains DESC, class;
