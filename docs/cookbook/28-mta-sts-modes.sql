-- Which mode do MTA-STS policies have? Domains that announce one, by what was served; only what is `usable`
-- counts for senders, and protects with `enforce` where it covers every mail host (RFC 8461 4.1, 4.2).
SELECT coalesce(policy.mode, 'no mode') AS mode, count(*) AS domains,
    sum(verdict.weight ORDER BY domain) / sum(sum(verdict.weight ORDER BY domain)) OVER () AS share,
    count(*) FILTER (verdict.mta_sts.result = 'pass') AS usable,
    count(*) FILTER (verdict.mta_sts_covers_mx.result = 'pass') AS covers_mx,
    median(policy.max_age)::BIGINT AS median_max_age
FROM 'survey/domains/*.parquet' seen JOIN 'survey/verdicts/*.parquet' verdict USING (domain)
    LEFT JOIN 'survey/sts_policies/*.parquet' policy USING (domain)
WHERE seen.mta_sts.outcome = 'found' GROUP BY policy.mode ORDER BY domains DESC, mode;
