/** Requests that their sender may repeat: the key is unique in the transaction that answers, so one request has one effect. */
export const requests = /* sql */ `
create table stellwerk.requests (
  owner text not null,
  key text not null,
  fingerprint text not null,
  answer json,
  at bigint not null,
  primary key (owner, key)
);
comment on table stellwerk.requests is 'fingerprint: SHA-256 of what was asked. answer: what the first one was told, and every repetition is.';
`
