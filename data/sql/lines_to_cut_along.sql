-- lines that may be borders, and what they are: streets by class, the banks of water of some width; near the areas
SELECT st_asbinary(s.line) AS line, s.class AS kind FROM street s
WHERE s.line_3857 && (SELECT st_extent(shape_3857)::geometry FROM area WHERE id = ANY(:areas))
UNION ALL
SELECT st_asbinary((st_dump(st_boundary(g.shape))).geom), 'water' FROM ground g
WHERE g.kind = 'water' AND g.shape_3857 && (SELECT st_extent(shape_3857)::geometry FROM area WHERE id = ANY(:areas))
    AND 2 * st_area(g.shape::geography) / st_perimeter(g.shape::geography) >= :least_wide_m
