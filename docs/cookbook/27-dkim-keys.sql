-- Which DKIM keys are published? Those with an empty `p=` were taken back.
SELECT key.key_type AS key_type, key.bits AS bits, key.revoked AS revoked, key.testing AS testing,
    key.fault AS fault, count(*) AS keys, count(DISTINCT domain) AS domains FROM (
    SELECT domain, unnest(dkim.keys) AS key FROM 'survey/domains/*.parquet'
) GROUP BY ALL ORDER BY keys DESC, key_type, bits, revoked, testing, fault;
