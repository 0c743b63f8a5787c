-- How concentrated is it? Herfindahl-Hirschman index (1 is a monopoly) and the share of the five largest.
WITH operators AS (
    SELECT mail_operator, count(*) AS domains, sum(weight ORDER BY domain) AS size, min(domain) AS first_domain
    FROM 'survey/verdicts/*.parquet'
    WHERE receives_mail.result = 'pass' AND mail_operator IS NOT NULL GROUP BY mail_operator
), shares AS (
    SELECT domains, size / (SELECT sum(size ORDER BY first_domain) FROM operators) AS share FROM operators
)
SELECT sum(domains)::BIGINT AS domains, count(*) AS operators, sum(share * share ORDER BY share DESC) AS hhi,
    (SELECT sum(share ORDER BY share DESC) FROM (FROM shares ORDER BY share DESC LIMIT 5)) AS top_5_share
FROM shares;
