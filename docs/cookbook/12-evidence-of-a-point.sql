-- Which obliged domains fail which points, and why? The list that goes to an auditor.
SELECT domain, tags['sector'] AS sector, point, due, reason FROM 'survey/compliance/nukib-2021/*.parquet'
WHERE result = 'fail' AND due IS NOT NULL AND justified IS NOT true
ORDER BY domain, point LIMIT 20;
