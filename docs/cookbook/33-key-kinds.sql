-- Which kinds of keys do mail servers have, and how many have certificates of two kinds?
-- Chains of one address are those of every name and every attempt; a second kind is seen where a client that
-- wants it gets it.
SELECT kinds, len(kinds) > 1 AS dual, count(*) AS addresses FROM (
    SELECT ip, port, list_sort(list_distinct(list(coalesce(chain.key_type, 'unknown')))) AS kinds
    FROM (SELECT ip, port, unnest(chains) AS chain FROM 'survey/endpoints/*.parquet' WHERE protocol = 'smtp')
    GROUP BY ip, port)
GROUP BY kinds ORDER BY addresses DESC, kinds;
