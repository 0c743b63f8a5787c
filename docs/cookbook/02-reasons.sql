-- Why do checks fail, why do they not apply, and why is something unknown?
-- The word of a reason stands before its first colon; numbers (reached/total) behind it.
WITH results AS (
    UNPIVOT (SELECT true AS counted, COLUMNS(* EXCLUDE (
        domain, tld, mail_operator, country, country_basis, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
        FROM 'survey/verdicts/*.parquet')
    ON COLUMNS(* EXCLUDE counted) INTO NAME check_id VALUE finding
)
SELECT check_id, finding.result AS result, split_part(finding.reason, ':', 1) AS reason, count(*) AS domains
FROM results WHERE counted AND finding.result <> 'pass'
GROUP BY ALL ORDER BY check_id, result, domains DESC, reason;
