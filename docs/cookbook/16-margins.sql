-- How sure are the shares of a sample? Half of the 95 % interval of each: ratio estimator of a stratified
-- sample with the finite population correction (Cochran, Sampling Techniques, 6.11). 0 for a whole list.
-- A condition in place of `true AS counted` gives those of a part of the list.
WITH results AS (
    SELECT check_id, weight, counted, receiving, finding.result AS result, finding.result = 'unknown'
        AND split_part(finding.reason, ':', 1) IN ('depth', 'no_list', 'no_routing_data', 'not_measured',
            'store_missing') AS unmeasured FROM (
        UNPIVOT (SELECT weight, true AS counted, receives_mail.result = 'pass' AS receiving, COLUMNS(* EXCLUDE (
            domain, tld, mail_operator, country, country_basis, mx_kind, class, non_sending, tags, weight, endpoints, endpoints_reached))
            FROM 'survey/verdicts/*.parquet')
        ON COLUMNS(* EXCLUDE (weight, counted, receiving)) INTO NAME check_id VALUE finding)
), counts AS (
    SELECT check_id, weight, count(*)::DOUBLE AS n,
        count(*) FILTER (counted AND result = 'pass')::DOUBLE AS pass,
        count(*) FILTER (counted AND result = 'fail')::DOUBLE AS fail,
        count(*) FILTER (counted AND receiving AND result = 'pass')::DOUBLE AS receiving_pass,
        count(*) FILTER (counted AND receiving AND result <> 'pass')::DOUBLE AS receiving_rest
    -- Without a share there is no margin either.
    FROM results SEMI JOIN (
        SELECT check_id FROM results GROUP BY check_id HAVING bool_or(result = 'pass') OR NOT bool_or(unmeasured)
    ) USING (check_id) GROUP BY check_id, weight
), strata AS (
    SELECT check_id, 'margin' AS what, weight, n, pass AS yes, fail AS no FROM counts
    UNION ALL
    SELECT check_id, 'margin_of_receiving', weight, n, receiving_pass, receiving_rest FROM counts
), ratios AS (
    SELECT check_id, what, sum(weight * (yes + no) ORDER BY weight) AS size,
        sum(weight * yes ORDER BY weight) / nullif(sum(weight * (yes + no) ORDER BY weight), 0) AS share
    FROM strata GROUP BY ALL
), spreads AS (
    SELECT check_id, what, weight, yes, no, n, size, weight * n AS population,
        yes * (1 - share) - no * share AS total,
        yes * ((1 - share) * (1 - share)) + no * (share * share) AS squares
    FROM strata JOIN ratios USING (check_id, what) WHERE size > 0
), variances AS (
    SELECT check_id, what, weight, yes, no, size, CASE WHEN weight <= 1 THEN 0::DOUBLE ELSE
        population * population * (1 - n / population)
            * CASE WHEN n < 2 THEN 0.25::DOUBLE * (yes + no) ELSE (squares - total * total / n) / (n - 1) END / n
        END AS variance
    FROM spreads
)
SELECT check_id, what, CASE WHEN sum(variance ORDER BY weight) > 0
        THEN 1.96::DOUBLE * sqrt(sum(variance ORDER BY weight)) / any_value(size)
        -- All that were drawn agree: how many might differ without one of them being drawn?
        ELSE coalesce(sum(weight * (yes + no) ORDER BY weight) FILTER (weight > 1), 0) * coalesce(1 - pow(0.05::DOUBLE,
            1 / nullif(sum(yes + no) FILTER (weight > 1), 0)), 0) / any_value(size) END AS margin
FROM variances GROUP BY ALL ORDER BY check_id, what;
