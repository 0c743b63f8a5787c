-- How does everybody stand under a rule book, point by point? (`mailcensus verdict survey --profile nukib-2021`)
-- A point that cannot be seen from outside is unknown for everybody.
SELECT point, level, count(*) FILTER (result = 'pass') AS pass, count(*) FILTER (result = 'fail') AS fail,
    count(*) FILTER (result = 'not_applicable') AS not_applicable, count(*) FILTER (result = 'unknown') AS unknown,
    count(*) FILTER (justified) AS justified, count(*) FILTER (NOT justified) AS to_be_justified
FROM 'survey/compliance/nukib-2021/*.parquet' GROUP BY ALL ORDER BY point;
