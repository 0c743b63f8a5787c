-- Who runs the mail? The operators with the most domains that take mail, and their shares.
-- Operators of fewer than five domains count, and are not named.
WITH operators AS (
    SELECT mail_operator AS operator, count(*) AS domains, sum(weight ORDER BY domain) AS size,
        min(domain) AS first_domain
    FROM 'survey/verdicts/*.parquet'
    WHERE receives_mail.result = 'pass' AND mail_operator IS NOT NULL GROUP BY mail_operator
)
SELECT operator, domains, size / (SELECT sum(size ORDER BY first_domain) FROM operators) AS share
FROM operators WHERE domains >= 5 ORDER BY size DESC, operator LIMIT 10;
