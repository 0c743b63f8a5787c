-- Which operators have the most domains with DANE that works?
SELECT mail_operator AS operator, count(*) FILTER (dane_valid.result = 'pass') AS domains
FROM 'survey/verdicts/*.parquet'
WHERE receives_mail.result = 'pass' AND mail_operator IS NOT NULL GROUP BY mail_operator
HAVING count(*) >= 5 AND count(*) FILTER (dane_valid.result = 'pass') > 0
ORDER BY domains DESC, operator LIMIT 10;
