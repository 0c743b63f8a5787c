-- What kinds of domains are there? Every domain is in one class.
WITH strata AS (
    SELECT class, weight, count(*) AS domains FROM 'survey/verdicts/*.parquet' GROUP BY ALL
), whole AS (
    SELECT sum(weight * domains ORDER BY weight) AS size FROM (
        SELECT weight, sum(domains) AS domains FROM strata GROUP BY weight)
)
SELECT class, sum(domains)::BIGINT AS domains,
    sum(weight * domains ORDER BY weight) / (SELECT size FROM whole) AS share
FROM strata GROUP BY class ORDER BY domains DESC, class;
