-- What does the RPKI say of the routes to mail servers? By route and by address; null where the tables
-- have no route.
SELECT rpki, count(DISTINCT route) AS routes, count(DISTINCT ip) AS addresses
FROM 'survey/endpoints/*.parquet' WHERE port = 25 GROUP BY rpki ORDER BY addresses DESC;
