-- Comes out: an empty database that knows Chinese letters and belongs to wangge_owner, unless it exists already.
select format(
    'create database %I owner wangge_owner template template0 encoding %L lc_collate %L lc_ctype %L',
    :'database', 'UTF8', 'C.UTF-8', 'C.UTF-8'
)
where not exists (select from pg_database where datname = :'database')
\gexec
