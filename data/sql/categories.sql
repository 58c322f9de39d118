-- categories with their rules, as data.categories.Category; the last two columns are JSON
SELECT c.*,
       coalesce((SELECT jsonb_agg(to_jsonb(s) ORDER BY s.slot) FROM category_slot s WHERE s.category = c.code), '[]') AS also,
       coalesce((SELECT jsonb_object_agg(d.department_id, d.report_in_minutes) FROM category_department d
                 WHERE d.category = c.code), '{}') AS departments
FROM category c
