-- Which operators have the most domains with DANE that works?
SELECT mail_operator AS operator, count(*) AS domains FROM 'survey/verdicts/*.parquet'
WHERE dane_valid.result = 'pass' AND mail_operator IS NOT NULL
GROUP BY mail_operator HAVING count(*) >= 5 ORDER BY domains DESC, operator LIMIT 10;
