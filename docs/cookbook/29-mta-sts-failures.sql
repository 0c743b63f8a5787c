-- Why can MTA-STS policies not be used? What fails first on the way to them: the record, the certificate of
-- the policy host, the answer or the policy. What was not said twice is unknown.
WITH policies AS (
    SELECT verdict.mta_sts.result AS result, CASE
        WHEN NOT seen.mta_sts.valid THEN 'record: ' || seen.mta_sts.fault
        WHEN policy.name_match IN ('none', 'cn_only') THEN 'certificate: another name'
        WHEN policy.pkix['mozilla'] <> 'valid' THEN 'certificate: ' || policy.pkix['mozilla']
        WHEN policy.dates <> 'current' THEN 'certificate: ' || policy.dates
        WHEN policy.outcome = 'absent' THEN coalesce('status: ' || policy.http_status, 'no address')
        WHEN policy.outcome <> 'found' THEN 'not got: ' || policy.error
        WHEN NOT policy.valid THEN 'policy: ' || policy.fault END AS why
    FROM 'survey/domains/*.parquet' seen JOIN 'survey/verdicts/*.parquet' verdict USING (domain)
        LEFT JOIN 'survey/sts_policies/*.parquet' policy USING (domain)
    WHERE seen.mta_sts.outcome = 'found' AND verdict.mta_sts.result <> 'not_applicable'
)
SELECT why, result, count(*) AS domains FROM policies WHERE why IS NOT NULL
GROUP BY ALL ORDER BY domains DESC, why, result;
