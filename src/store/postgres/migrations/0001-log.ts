/** Moments are milliseconds since the Unix epoch, as everywhere in Stellwerk: exact, and free of time zones. */
export const log = /* sql */ `
create table stellwerk.log_head (
  id int primary key check (id = 1),
  log_id text not null,
  size bigint not null,
  frontier bytea[] not null
);
comment on table stellwerk.log_head is 'One row: size and Merkle frontier (RFC 6962) of the log. Locked last in a transaction.';
insert into stellwerk.log_head values (1, replace(gen_random_uuid()::text, '-', ''), 0, '{}');

create table stellwerk.events (
  position bigint not null unique,
  stream text not null,
  version int not null check (version > 0),
  at bigint not null,
  actor text not null,
  type text not null,
  data jsonb not null,
  leaf bytea not null,
  primary key (stream, version)
);
comment on table stellwerk.events is 'The log: the truth. Every table beside it can be rebuilt from it.';

create table stellwerk.checkpoints (
  size bigint primary key,
  note text not null,
  created_at bigint not null
);

create function stellwerk.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'stellwerk.% is append-only: % is refused', tg_table_name, tg_op;
end
$$;
create trigger append_only before update or delete or truncate on stellwerk.events
  for each statement execute function stellwerk.refuse_change();
create trigger append_only before update or delete or truncate on stellwerk.checkpoints
  for each statement execute function stellwerk.refuse_change();

create table stellwerk.streams (
  stream text primary key,
  version int not null,
  state jsonb,
  state_format int,
  next_due bigint,
  kind text,
  service text,
  environment text,
  release text,
  phase text,
  final boolean,
  created_at bigint not null,
  updated_at bigint not null
) with (fillfactor = 80);
comment on column stellwerk.streams.state is 'Folded from the events by a program of state_format; null: fold again.';
create index streams_due on stellwerk.streams (next_due) where next_due is not null;
create index streams_from_the_future on stellwerk.streams (updated_at) where next_due is not null;
create index streams_newest on stellwerk.streams (created_at desc, stream desc) where kind is not null;

create table stellwerk.environments (
  service text not null,
  environment text not null,
  holder text,
  facts jsonb,
  queue text[] not null default '{}',
  primary key (service, environment)
);

create table stellwerk.quarantine (
  service text not null,
  environment text not null,
  identity text not null,
  reason text not null,
  primary key (service, environment, identity)
);
`
