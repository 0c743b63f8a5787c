-- And which mail hosts? The slide `452 mx2.cesnet.cz`: hosts by domains with DANE that lean on them.
SELECT count(DISTINCT domain) AS domains, host FROM (
    SELECT domain, unnest(mx.records).host AS host FROM 'survey/domains/*.parquet'
) JOIN 'survey/verdicts/*.parquet' USING (domain)
WHERE dane_valid.result = 'pass' GROUP BY host ORDER BY domains DESC, host LIMIT 10;
