-- Who is obliged, and late? Deadlines follow from the tags of the list; `day` is the day of the survey.
SELECT point, count(*) FILTER (due <= day) AS due,
    count(*) FILTER (due <= day AND result = 'fail') AS overdue
FROM 'survey/compliance/nukib-2021/*.parquet',
    (SELECT started_at::TIMESTAMPTZ::DATE AS day FROM 'survey/survey.json')
GROUP BY point HAVING count(due) > 0 ORDER BY point;
