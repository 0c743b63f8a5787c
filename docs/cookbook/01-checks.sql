-- How does the whole list stand, check by check?
-- One row for each check: the four results, the share of those it concerns and of all that take mail.
-- Domains of a sample count by their weight in the shares; strata of one weight come first, so that
-- sums of weights are made once for each.
WITH results AS (
    UNPIVOT (SELECT weight, receives_mail.result = 'pass' AS receiving, COLUMNS(* EXCLUDE (
        domain, tld, mail_operator, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
        FROM 'survey/verdicts/*.parquet')
    ON COLUMNS(* EXCLUDE (weight, receiving)) INTO NAME check_id VALUE finding
), strata AS (
    SELECT check_id, weight,
        count(*) FILTER (finding.result = 'pass') AS pass,
        count(*) FILTER (finding.result = 'fail') AS fail,
        count(*) FILTER (finding.result = 'not_applicable') AS not_applicable,
        count(*) FILTER (finding.result = 'unknown') AS unknown,
        count(*) FILTER (receiving AND finding.result = 'pass') AS receiving_pass,
        count(*) FILTER (receiving) AS receiving
    FROM results GROUP BY ALL
)
SELECT check_id, sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,
    sum(not_applicable)::BIGINT AS not_applicable, sum(unknown)::BIGINT AS unknown,
    sum(weight * pass ORDER BY weight) / nullif(sum(weight * (pass + fail) ORDER BY weight), 0) AS share,
    sum(receiving_pass)::BIGINT AS receiving_pass,
    sum(weight * receiving_pass ORDER BY weight) / nullif(sum(weight * receiving ORDER BY weight), 0) AS share_of_receiving
FROM strata GROUP BY check_id ORDER BY check_id;
