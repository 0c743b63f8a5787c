-- Which weak suites do mail servers choose, offered nothing else, and whose are they?
-- A refusal is a good answer; where none came it is not known.
SELECT coalesce(weak_cipher, CASE WHEN EXISTS (
        SELECT 1 FROM (SELECT unnest(hellos) AS hello) WHERE hello.kind = 'weak' AND hello.outcome = 'refused')
    THEN 'refused' ELSE 'not known' END) AS suite,
    count(*) AS addresses, count(DISTINCT operator) AS operators, min(operator) AS for_one
FROM 'survey/endpoints/*.parquet' WHERE protocol = 'smtp' AND connections > 0 AND tls.outcome IN ('completed', 'hello_only')
GROUP BY suite ORDER BY addresses DESC, suite;
