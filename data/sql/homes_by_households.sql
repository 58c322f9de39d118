-- places of homes, degrees, and how many at each: households on the ground of the areas
SELECT st_x(h.point) AS lng, st_y(h.point) AS lat, count(*)::int AS homes
FROM household h JOIN area a ON h.point && a.shape AND st_covers(a.shape, h.point)
WHERE a.id = ANY(:areas) GROUP BY h.point ORDER BY h.point
