-- How sure is a share of a sample? Half of its 95 % interval: ratio estimator of a stratified sample
-- with the finite population correction (Cochran, Sampling Techniques, 6.11). 0 for a whole list.
WITH strata AS (
    SELECT weight, count(*)::DOUBLE AS n, count(*) FILTER (starttls.result = 'pass')::DOUBLE AS yes,
        count(*) FILTER (starttls.result = 'fail')::DOUBLE AS no
    FROM 'survey/verdicts/*.parquet' GROUP BY weight
), ratio AS (
    SELECT sum(weight * (yes + no) ORDER BY weight) AS size,
        sum(weight * yes ORDER BY weight) / nullif(sum(weight * (yes + no) ORDER BY weight), 0) AS share FROM strata
), variances AS (
    SELECT weight, share, size, yes * (1 - share) - no * share AS total,
        yes * ((1 - share) * (1 - share)) + no * (share * share) AS squares, n, weight * n AS population
    FROM strata, ratio
)
SELECT any_value(share) AS share, 1.96::DOUBLE * sqrt(greatest(coalesce(sum(
        population * population * (1 - n / population) * ((squares - total * total / n) / (n - 1)) / n
    ORDER BY weight) FILTER (weight > 1 AND n >= 2), 0), 0)) / any_value(size) AS margin
FROM variances;
