-- What do certificates of mail servers look like, and how many had less than 30 days left when they were seen?
SELECT key_type, key_bits, curve, signature_hash, count(*) AS certificates,
    count(*) FILTER (not_after < seen_at + INTERVAL 30 DAY) AS soon_over, count(*) FILTER (self_signed) AS self_signed
FROM 'survey/certificates/*.parquet' JOIN (
    SELECT chain.certificates[1] AS sha256, max(observed_at) AS seen_at FROM (
        SELECT observed_at, unnest(chains) AS chain FROM 'survey/endpoints/*.parquet' WHERE protocol = 'smtp') GROUP BY 1
) USING (sha256) GROUP BY ALL ORDER BY certificates DESC, key_type, key_bits, curve, signature_hash;
