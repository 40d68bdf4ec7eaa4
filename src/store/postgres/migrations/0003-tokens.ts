/** Tokens beside the log, for all who share the database; and the token by whose request an event came about. */
export const tokens = /* sql */ `
create table stellwerk.tokens (
  id text primary key,
  hash text not null unique,
  name text not null,
  person text not null,
  roles text[] not null,
  scopes text[] not null,
  services text[],
  environments text[],
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint,
  last_used_at bigint
);
comment on table stellwerk.tokens is 'hash: SHA-256 of the secret, which is kept nowhere. services, environments: null is every one.';

alter table stellwerk.events add column token text;
comment on column stellwerk.events.token is 'Id of the token by whose request it came about; null: it came of itself, or was written before tokens were named.';

create or replace function stellwerk.append(events json) returns bigint language plpgsql as $$
declare
  last bigint;
  nodes bytea[];
  node bytea;
  rest bigint;
  event record;
begin
  select head.size, head.frontier into strict last, nodes from stellwerk.log_head as head where id = 1 for update;
  for event in
    select * from json_to_recordset(events) as new
      (stream text, version int, at bigint, actor text, type text, data text, token text, before text, after text)
  loop
    last := last + 1;
    node := sha256('\\x00'::bytea || convert_to(event.before || event.data || ',"position":' || last || event.after, 'UTF8'));
    insert into stellwerk.events (position, stream, version, at, actor, type, data, token, leaf)
      values (last, event.stream, event.version, event.at, event.actor, event.type, event.data::jsonb, event.token, node);
    rest := last - 1;
    while rest % 2 = 1 loop
      node := sha256('\\x01'::bytea || nodes[cardinality(nodes)] || node);
      nodes := trim_array(nodes, 1);
      rest := rest / 2;
    end loop;
    nodes := array_append(nodes, node);
  end loop;
  update stellwerk.log_head as head set size = last, frontier = nodes where id = 1;
  perform pg_notify('stellwerk_log', last::text);
  return last;
end
$$;
`
