/** Whose log this is: a control plane with another key would take everything in it for forged. */
export const signer = /* sql */ `
alter table stellwerk.log_head add column signer text;
comment on column stellwerk.log_head.signer is 'The public key of those who write here, as checkpoints are verified with it; null: nobody wrote yet.';
`
