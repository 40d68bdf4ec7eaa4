/**
 * Seals: what the control plane wrote carries a MAC under a key that is not in the database, so that what somebody else wrote
 * there is known for what it is. The text of a state is kept as it was written, since the seal is over that text.
 */
export const seals = /* sql */ `
alter table stellwerk.events add column mac bytea;
comment on column stellwerk.events.mac is 'Over the event without its position, under a key outside the database; null: from before events were sealed.';

alter table stellwerk.streams alter column state type json using state::json, add column mac bytea;
comment on column stellwerk.streams.mac is 'Over the state and its place; without a valid one the state is folded again from the log.';

alter table stellwerk.environments add column mac bytea;
comment on column stellwerk.environments.mac is 'Over the row; without a valid one it is made again from the log.';

alter table stellwerk.tokens add column mac bytea;
alter table stellwerk.requests add column mac bytea;

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
      (stream text, version int, at bigint, actor text, type text, data text, token text, mac text, before text, after text)
  loop
    last := last + 1;
    node := sha256('\\x00'::bytea || convert_to(event.before || event.data || ',"position":' || last || event.after, 'UTF8'));
    insert into stellwerk.events (position, stream, version, at, actor, type, data, token, mac, leaf)
      values (last, event.stream, event.version, event.at, event.actor, event.type, event.data::jsonb, event.token,
        decode(event.mac, 'hex'), node);
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
