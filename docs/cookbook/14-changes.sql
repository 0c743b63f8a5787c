-- What changed since an older survey? An outage is no regression: it became unknown.
WITH older AS (
    UNPIVOT (SELECT domain, COLUMNS(* EXCLUDE (
        domain, tld, mail_operator, country, country_basis, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
        FROM 'older/verdicts/*.parquet')
    ON COLUMNS(* EXCLUDE domain) INTO NAME check_id VALUE finding
), newer AS (
    UNPIVOT (SELECT domain, COLUMNS(* EXCLUDE (
        domain, tld, mail_operator, country, country_basis, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
        FROM 'survey/verdicts/*.parquet')
    ON COLUMNS(* EXCLUDE domain) INTO NAME check_id VALUE finding
), pairs AS (
    SELECT check_id, older.finding.result AS before, newer.finding.result AS after
    FROM older JOIN newer USING (domain, check_id)
)
SELECT check_id, count(*) FILTER (before = 'fail' AND after = 'pass') AS adopted,
    count(*) FILTER (before = 'pass' AND after = 'fail') AS regressed,
    count(*) FILTER (before <> 'unknown' AND after = 'unknown') AS became_unknown,
    count(*) FILTER (before = 'unknown' AND after <> 'unknown') AS became_known,
    count(*) FILTER (before = 'not_applicable' AND after IN ('pass', 'fail')) AS became_applicable,
    count(*) FILTER (before IN ('pass', 'fail') AND after = 'not_applicable') AS became_not_applicable,
    count(*) FILTER (before = after) AS unchanged
FROM pairs GROUP BY check_id ORDER BY check_id;
