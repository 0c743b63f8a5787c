-- What is there to be seen of DKIM without a message, and what does the check make of it?
SELECT seen.dkim.existence AS evidence, verdict.dkim.result AS result,
    split_part(verdict.dkim.reason, ':', 1) AS reason, count(*) AS domains
FROM 'survey/domains/*.parquet' seen JOIN 'survey/verdicts/*.parquet' verdict USING (domain)
WHERE seen.existence = 'exists' GROUP BY ALL ORDER BY domains DESC, evidence, result, reason;
