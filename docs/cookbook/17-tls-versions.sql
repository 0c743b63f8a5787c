-- Which versions of TLS do mail servers negotiate, by address and by the domains that lean on them?
-- Each address is asked once: the row that opened the connection speaks for all names behind it.
SELECT coalesce(tls.version, 'none: ' || coalesce(tcp.error, starttls.error, tls.error, starttls.outcome)) AS version,
    count(*) AS addresses FROM 'survey/endpoints/*.parquet' WHERE connections > 0 AND protocol = 'smtp'
GROUP BY 1 ORDER BY addresses DESC, version;
