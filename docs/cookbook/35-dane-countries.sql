-- Which countries have the most domains with DANE that works?
SELECT country, count(*) FILTER (dane_valid.result = 'pass') AS domains
FROM 'survey/verdicts/*.parquet'
WHERE receives_mail.result = 'pass' AND country IS NOT NULL GROUP BY country
HAVING count(*) >= 5 AND count(*) FILTER (dane_valid.result = 'pass') > 0
ORDER BY domains DESC, country LIMIT 10;
