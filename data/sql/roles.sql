-- Comes out: the roles of wangge with their passwords; nothing else changes when they exist already.
set log_min_error_statement = panic;
set client_min_messages = warning;
select format('create role %I', name)
from unnest(array['wangge_owner', 'wangge_server', 'wangge_app', 'wangge_dispatcher']) as name
where not exists (select from pg_roles where rolname = name)
\gexec
alter role wangge_owner login noinherit password :'owner_password';
alter role wangge_server login noinherit password :'server_password';
alter role wangge_server set idle_in_transaction_session_timeout = '15s';
alter role wangge_app nologin;
alter role wangge_dispatcher nologin;
grant wangge_app, wangge_dispatcher to wangge_server;
