/** Dead letters of which somebody said, and why, that nobody needs them any more. */
export const dismissed = /* sql */ `
alter table stellwerk.deliveries add column dismissed_by text, add column dismissed_reason text;
alter table stellwerk.deliveries drop constraint deliveries_state_check;
alter table stellwerk.deliveries add constraint deliveries_state_check
  check (state in ('waiting', 'delivered', 'dead', 'dismissed'));
`
