-- Which algorithms sign the zones of this list?
SELECT keys.algorithm AS algorithm, keys.bits AS bits, count(DISTINCT zone) AS zones FROM (
    SELECT zone, unnest(keys) AS keys FROM 'survey/zones/*.parquet' WHERE security = 'secure'
) GROUP BY ALL ORDER BY zones DESC, algorithm, bits;
