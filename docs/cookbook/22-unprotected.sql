-- Popular mail hosts without TLSA records although their zone is signed: where one operator could
-- bring DANE to the most domains.
SELECT host, domains FROM 'survey/hosts/*.parquet'
WHERE addresses.security = 'secure' AND tlsa.outcome = 'absent' ORDER BY domains DESC, host LIMIT 10;
