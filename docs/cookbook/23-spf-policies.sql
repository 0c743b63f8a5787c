-- What does SPF say of mail from elsewhere? The `all` that decides, through `redirect`.
-- With it the domains beyond a limit of RFC 7208 4.6.4, and those that name somebody without a record.
SELECT CASE WHEN spf.outcome = 'absent' THEN 'no record'
        WHEN spf.outcome <> 'found' THEN 'unknown: ' || coalesce(spf.error, 'not asked')
        WHEN NOT spf.valid THEN 'cannot be used: ' || coalesce(spf.fault, 'malformed')
        ELSE coalesce(spf.effective_all, 'unknown: ' || coalesce(spf.graph_error, 'depends on the sender')) END AS policy,
    count(*) AS domains,
    count(*) FILTER (spf.lookups > 10 OR spf.void_lookups > 2 OR spf.mx_names > 10) AS beyond_limits,
    count(*) FILTER (len(spf.dangling) > 0) AS dangling,
    median(spf.ipv4_addresses)::BIGINT AS median_ipv4_addresses
FROM 'survey/domains/*.parquet' WHERE existence = 'exists' GROUP BY policy ORDER BY domains DESC, policy;
