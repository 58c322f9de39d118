-- Comes out: the extensions, and a schema public that belongs to wangge_owner.
set client_min_messages = warning;
create extension if not exists postgis;
create extension if not exists ltree;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
alter schema public owner to wangge_owner;
revoke create on schema public from public;
grant usage on schema public to public;
revoke connect, temporary on database :"database" from public;
grant connect on database :"database" to wangge_server;
