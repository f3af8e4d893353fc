/**
 * SQL that holds of a client `c` that may act: it is neither disabled nor deleted, and its app `p` is not
 * disabled. `p` is joined by a left join, so it is null where the client is of no app; a deleted app is
 * disabled too.
 */
export const clientIsEnabled =
  'c.disabled_at is null and c.deleted_at is null and p.disabled_at is null';
