-- How does everybody stand under a rule book, point by point? (`mailcensus verdict survey --profile nukib-2021`)
-- A point that cannot be seen from outside is unknown for everybody. Where nobody can pass because nothing
-- measures that yet, there is no share.
WITH strata AS (
    SELECT point, level, compliance.weight AS weight,
        count(*) FILTER (result = 'pass') AS pass, count(*) FILTER (result = 'fail') AS fail,
        count(*) FILTER (result = 'not_applicable') AS not_applicable, count(*) FILTER (result = 'unknown') AS unknown,
        count(*) FILTER (receives_mail.result = 'pass' AND result = 'pass') AS receiving_pass,
        count(*) FILTER (receives_mail.result = 'pass') AS receiving,
        count(*) FILTER (result = 'unknown' AND split_part(split_part(reason, ': ', -1), ':', 1)
            IN ('depth', 'no_list', 'no_routing_data', 'not_measured', 'not_observable', 'store_missing')) AS unmeasured,
        count(*) FILTER (justified) AS justified, count(*) FILTER (NOT justified) AS to_be_justified
    FROM 'survey/compliance/nukib-2021/*.parquet' compliance
        JOIN 'survey/verdicts/*.parquet' USING (domain) GROUP BY ALL
)
SELECT point, level, sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,
    sum(not_applicable)::BIGINT AS not_applicable, sum(unknown)::BIGINT AS unknown,
    CASE WHEN sum(pass) > 0 OR sum(unmeasured) = 0 THEN
        sum(weight * pass ORDER BY weight) / nullif(sum(weight * (pass + fail) ORDER BY weight), 0) END AS share,
    sum(receiving_pass)::BIGINT AS receiving_pass,
    CASE WHEN sum(pass) > 0 OR sum(unmeasured) = 0 THEN
        sum(weight * receiving_pass ORDER BY weight) / nullif(sum(weight * receiving ORDER BY weight), 0)
        END AS share_of_receiving,
    sum(justified)::BIGINT AS justified, sum(to_be_justified)::BIGINT AS to_be_justified
FROM strata GROUP BY point, level ORDER BY point;
