-- Which kinds of TLSA records are published, and are they usable and secure?
SELECT record.usage || ' ' || record.selector || ' ' || record.matching_type AS kind, record.usable AS usable,
    security, count(*) AS records, count(DISTINCT host) AS hosts, sum(domains)::BIGINT AS leaning FROM (
    SELECT host, domains, tlsa.security AS security, unnest(tlsa.records) AS record FROM 'survey/hosts/*.parquet'
) GROUP BY ALL ORDER BY records DESC, kind, usable, security;
