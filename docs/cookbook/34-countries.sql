-- In which countries is mail taken? By domains that take mail, and their shares; `(several)` are those
-- whose mail servers of the smallest preference are in more than one. Countries of fewer than five
-- domains count, and are not named.
WITH located AS (
    SELECT coalesce(country, '(several)') AS country, domain, weight
    FROM 'survey/verdicts/*.parquet'
    WHERE receives_mail.result = 'pass' AND country_basis IN ('one', 'several')
)
SELECT country, count(*) AS domains,
    sum(weight ORDER BY domain) / (SELECT sum(weight ORDER BY domain) FROM located) AS share
FROM located GROUP BY country HAVING count(*) >= 5 OR country = '(several)'
ORDER BY share DESC, country LIMIT 11;
