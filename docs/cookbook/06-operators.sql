-- Who runs the mail? Operators with the most domains that take mail, and their shares.
-- Operators of fewer than five domains are not named.
WITH strata AS (
    SELECT mail_operator, weight, count(*) AS domains FROM 'survey/verdicts/*.parquet'
    WHERE receives_mail.result = 'pass' AND mail_operator IS NOT NULL GROUP BY ALL
), operators AS (
    SELECT mail_operator AS operator, sum(domains)::BIGINT AS domains,
        sum(weight * domains ORDER BY weight) AS size
    FROM strata GROUP BY mail_operator
)
SELECT operator, domains, size / sum(size) OVER () AS share
FROM operators QUALIFY domains >= 5 ORDER BY domains DESC, operator LIMIT 10;
