/** What became of each message at each route (`ports/deliveries.ts` says what is lost with it), and who sends to a channel now. */
export const deliveries = /* sql */ `
create table stellwerk.deliveries (
  id text primary key,
  stream text not null,
  version int not null,
  route int not null,
  channel text not null,
  kind text not null,
  destination text not null,
  service text not null,
  environment text not null,
  event text not null,
  priority text not null,
  title text not null,
  position bigint not null,
  until bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  attempts int not null default 0,
  failure text,
  receipt text,
  created_at bigint not null,
  at bigint not null,
  told boolean not null default false
);
comment on table stellwerk.deliveries is 'destination: without secrets. at: due, of what waits; else when it ended. told: the log knows how it ended.';
create index deliveries_message on stellwerk.deliveries (stream, version);
create index deliveries_waiting on stellwerk.deliveries (channel, position) where state = 'waiting';
create index deliveries_due on stellwerk.deliveries (channel, at) where state = 'waiting';
create index deliveries_until on stellwerk.deliveries (until) where state = 'waiting';
create index deliveries_ended on stellwerk.deliveries (state, at) where state <> 'waiting';
create index deliveries_untold on stellwerk.deliveries (stream, version) where not told;
create index deliveries_listed on stellwerk.deliveries (created_at, id);

create table stellwerk.channels (
  channel text primary key,
  failures int not null default 0,
  held boolean not null default false,
  not_before bigint not null
);
comment on table stellwerk.channels is 'held: somebody sends to it, until not_before at the latest; else it pauses until then, after failures in a row.';
`
