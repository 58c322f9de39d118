-- one GeoJSON feature (text) per shape of a proposal, by code, with the shape in force before as a property; WGS 84
SELECT jsonb_build_object(
    'type', 'Feature', 'id', s.code, 'geometry', st_asgeojson(s.shape, 7)::jsonb,
    'properties', jsonb_build_object('code', s.code, 'name', s.name, 'moved_m2', s.moved_m2,
                                     'households', s.households, 'was', st_asgeojson(s.was, 7)::jsonb)
)::text
FROM proposal_shape s WHERE s.proposal_id = :id ORDER BY s.code
