/**
 * Appending runs with the rights of the owner of the tables: who may call it needs none on the log itself, and so cannot
 * change or remove what stands there. The search path is fixed, so that no function of the caller's runs in it.
 */
export const definer = /* sql */ `
alter function stellwerk.append(json) security definer;
alter function stellwerk.append(json) set search_path = pg_catalog, pg_temp;
revoke execute on function stellwerk.append(json), stellwerk.refuse_change() from public;
`
