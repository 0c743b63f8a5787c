-- How does the whole list stand, check by check?
-- One row for each check: the four results, the share of those it concerns and of all that take mail.
-- Domains of a sample count by their weight in the shares. Where nobody can pass because nothing measures
-- that yet, there is no share. A condition in place of `true AS counted` counts a part of the list.
WITH results AS (
    UNPIVOT (SELECT weight, true AS counted, receives_mail.result = 'pass' AS receiving, COLUMNS(* EXCLUDE (
        domain, tld, mail_operator, country, country_basis, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
        FROM 'survey/verdicts/*.parquet')
    ON COLUMNS(* EXCLUDE (weight, counted, receiving)) INTO NAME check_id VALUE finding
), strata AS (
    SELECT check_id, weight,
        count(*) FILTER (counted AND finding.result = 'pass') AS pass,
        count(*) FILTER (counted AND finding.result = 'fail') AS fail,
        count(*) FILTER (counted AND finding.result = 'not_applicable') AS not_applicable,
        count(*) FILTER (counted AND finding.result = 'unknown') AS unknown,
        count(*) FILTER (counted AND receiving AND finding.result = 'pass') AS receiving_pass,
        count(*) FILTER (counted AND receiving) AS receiving,
        count(*) FILTER (finding.result = 'pass') AS anybody,
        count(*) FILTER (finding.result = 'unknown' AND split_part(finding.reason, ':', 1)
            IN ('depth', 'no_list', 'no_routing_data', 'not_measured', 'store_missing')) AS unmeasured
    FROM results GROUP BY ALL
)
SELECT check_id, sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,
    sum(not_applicable)::BIGINT AS not_applicable, sum(unknown)::BIGINT AS unknown,
    CASE WHEN sum(anybody) > 0 OR sum(unmeasured) = 0 THEN
        sum(weight * pass ORDER BY weight) / nullif(sum(weight * (pass + fail) ORDER BY weight), 0) END AS share,
    sum(receiving_pass)::BIGINT AS receiving_pass,
    CASE WHEN sum(anybody) > 0 OR sum(unmeasured) = 0 THEN
        sum(weight * receiving_pass ORDER BY weight) / nullif(sum(weight * receiving ORDER BY weight), 0)
        END AS share_of_receiving
FROM strata GROUP BY check_id ORDER BY check_id;
