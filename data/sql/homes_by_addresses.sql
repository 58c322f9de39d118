-- places of homes, degrees, and how many at each: one at each house number
SELECT st_x(n.point) AS lng, st_y(n.point) AS lat, 1 AS homes
FROM address n JOIN area a ON n.point && a.shape AND st_covers(a.shape, n.point)
WHERE a.id = ANY(:areas) ORDER BY n.id
