-- Whose mail is ready for post-quantum key exchange? The operators with the most domains, and their shares.
-- A domain passes where every mail server negotiates a hybrid group. Operators of fewer than five domains
-- are not named.
SELECT mail_operator AS operator, count(*) AS domains,
    count(*) FILTER (pq_key_exchange.result = 'pass') AS pass,
    count(*) FILTER (pq_key_exchange.result = 'fail') AS fail,
    count(*) FILTER (pq_key_exchange.result = 'unknown') AS unknown, pass / nullif(pass + fail, 0) AS share
FROM 'survey/verdicts/*.parquet' WHERE receives_mail.result = 'pass' AND mail_operator IS NOT NULL
GROUP BY mail_operator HAVING domains >= 5 ORDER BY domains DESC, operator LIMIT 10;
