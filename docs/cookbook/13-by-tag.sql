-- STARTTLS, DNSSEC and DANE by a tag of the list: here the column `sector`.
SELECT coalesce(tags['sector'], '(none)') AS sector, count(*) AS domains,
    count(*) FILTER (starttls.result = 'pass') AS starttls_pass, count(*) FILTER (starttls.result = 'fail') AS starttls_fail,
    count(*) FILTER (dnssec_domain.result = 'pass') AS dnssec_pass, count(*) FILTER (dnssec_domain.result = 'fail') AS dnssec_fail,
    count(*) FILTER (dane_valid.result = 'pass') AS dane_pass, count(*) FILTER (dane_valid.result = 'fail') AS dane_fail
FROM 'survey/verdicts/*.parquet' GROUP BY 1 ORDER BY domains DESC, sector;
