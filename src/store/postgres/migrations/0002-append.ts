/**
 * Appending as one call: locks the head, gives the events their positions, hashes them into the Merkle tree (RFC 6962),
 * moves the head. A leaf is made of the text `before data ,"position":n after`; the audit recomputes it on its own.
 */
export const append = /* sql */ `
create function stellwerk.append(events json) returns bigint language plpgsql as $$
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
      (stream text, version int, at bigint, actor text, type text, data text, before text, after text)
  loop
    last := last + 1;
    node := sha256('\\x00'::bytea || convert_to(event.before || event.data || ',"position":' || last || event.after, 'UTF8'));
    insert into stellwerk.events (position, stream, version, at, actor, type, data, leaf)
      values (last, event.stream, event.version, event.at, event.actor, event.type, event.data::jsonb, node);
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
