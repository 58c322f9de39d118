-- places of homes, degrees, and how many at each: estimated from the floors of buildings where people live
SELECT st_x(b.place) AS lng, st_y(b.place) AS lat, greatest(1, round(b.m2 * b.storeys / :m2_of_home))::int AS homes
FROM (
    SELECT id, storeys, st_pointonsurface(shape) AS place, st_area(shape::geography) AS m2
    FROM building WHERE kind = 'home'
) b JOIN area a ON b.place && a.shape AND st_covers(a.shape, b.place)
WHERE a.id = ANY(:areas) AND b.m2 >= :least_m2 ORDER BY b.place
