/**
 * SQL condition for an enabled client `c`: it is neither disabled nor deleted, and its app `p` is not disabled. `p`
 * comes from a left join, so it is null for a client outside apps. A deleted app is also disabled.
 */
export const clientIsEnabled =
  'c.disabled_at is null and c.deleted_at is null and p.disabled_at is null';

/** SQL: the client `c` registered itself (RFC 7591). One with a document is known by the host of that. */
export const registeredItselfSql =
  "(c.origin is not distinct from 'registration' and c.app_id is null)";
