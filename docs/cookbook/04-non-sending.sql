-- How many domains say that they send no mail, and how many of those are locked against forgers?
SELECT CASE non_sending WHEN true THEN 'true' WHEN false THEN 'false' ELSE 'unknown' END AS non_sending,
    count(*) AS domains, count(*) FILTER (non_sending_locked.result = 'pass') AS locked,
    count(*) FILTER (non_sending_locked.result = 'fail') AS open
FROM 'survey/verdicts/*.parquet' GROUP BY 1 ORDER BY domains DESC;
