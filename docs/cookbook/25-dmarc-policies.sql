-- Which policy does DMARC ask for, by the tree walk of RFC 9989 and by the public suffix list of RFC 7489?
-- Where the two differ it depends on the receiver what becomes of forged mail.
SELECT CASE WHEN dmarc.outcome = 'absent' THEN 'no record'
        WHEN dmarc.outcome <> 'found' THEN 'unknown'
        ELSE coalesce(dmarc.effective_policy, 'cannot be used') END AS rfc_9989,
    CASE WHEN dmarc.outcome_7489 = 'absent' THEN 'no record'
        WHEN dmarc.outcome_7489 <> 'found' THEN 'unknown'
        ELSE coalesce(dmarc.effective_policy_7489, 'cannot be used') END AS rfc_7489,
    count(*) AS domains,
    count(*) FILTER (dmarc.inherited = 'org') AS from_organisation,
    count(*) FILTER (dmarc.inherited = 'psd') AS from_public_suffix,
    count(*) FILTER (dmarc.t) AS only_tried, count(*) FILTER (dmarc.pct_7489 < 100) AS sampled
FROM 'survey/domains/*.parquet' WHERE existence = 'exists' GROUP BY ALL ORDER BY domains DESC, rfc_9989, rfc_7489;
