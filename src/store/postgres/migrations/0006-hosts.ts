/** Where the host-bound parts of an environment run: instances as processes, the embedded router's socket (design §8b). */
export const hosts = /* sql */ `
create table stellwerk.hosts (
  service text not null,
  environment text not null,
  host text not null,
  name text not null,
  since timestamptz not null default now(),
  primary key (service, environment)
);
comment on table stellwerk.hosts is 'host: id of a data folder. name: its machine, for people.';
`
