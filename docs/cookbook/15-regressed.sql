-- Which domains lost STARTTLS or working DANE since then, and what is there to say to them?
SELECT domain, older.starttls AS starttls_before, newer.starttls AS starttls_now,
    older.dane_valid AS dane_before, newer.dane_valid AS dane_now
FROM 'older/verdicts/*.parquet' older JOIN 'survey/verdicts/*.parquet' newer USING (domain)
WHERE (older.starttls.result = 'pass' AND newer.starttls.result = 'fail')
    OR (older.dane_valid.result = 'pass' AND newer.dane_valid.result = 'fail')
ORDER BY domain LIMIT 20;
