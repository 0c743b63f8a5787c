-- What do mail servers make of each version of SSL and TLS, and how many still accept an old one?
-- Each address that was seen to accept some version, once: the row that opened the connection speaks for all
-- names behind it. A share is one of those of which it is known.
WITH facts AS (
    SELECT unnest(['TLS 1.3', 'TLS 1.2', 'TLS 1.1', 'TLS 1.0', 'SSL 3.0', 'SSL 2.0']) AS version,
        unnest(results) AS result
    FROM (SELECT [versions.tls1_3.result, versions.tls1_2.result, versions.tls1_1.result,
            versions.tls1_0.result, versions.ssl3.result, versions.ssl2.result] AS results
        FROM 'survey/endpoints/*.parquet' WHERE connections > 0 AND protocol = 'smtp')
    WHERE list_contains(results, 'accepted')
)
SELECT version, count(*) FILTER (result = 'accepted') AS accepted,
    count(*) FILTER (result IN ('refused', 'implied_refused')) AS refused,
    count(*) FILTER (result = 'unknown') AS unknown, accepted / nullif(accepted + refused, 0) AS share
FROM facts GROUP BY version ORDER BY version DESC;
