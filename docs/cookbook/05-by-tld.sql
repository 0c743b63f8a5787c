-- The same figures for each top-level domain (here for a few checks).
SELECT tld, count(*) AS domains, count(*) FILTER (receives_mail.result = 'pass') AS receiving,
    count(*) FILTER (starttls.result = 'pass') AS starttls_pass, count(*) FILTER (starttls.result = 'fail') AS starttls_fail,
    count(*) FILTER (dnssec_domain.result = 'pass') AS dnssec_pass, count(*) FILTER (dnssec_domain.result = 'fail') AS dnssec_fail,
    count(*) FILTER (dane_valid.result = 'pass') AS dane_pass, count(*) FILTER (dane_valid.result = 'fail') AS dane_fail
FROM 'survey/verdicts/*.parquet' GROUP BY tld ORDER BY domains DESC, tld;
