/**
 * SQL for the version of an account's password: the time of the last change, to the microsecond, as text, because a
 * JavaScript Date only has milliseconds. A rehash does not change it.
 */
export const passwordVersion = 'extract(epoch from password_changed_at)::text';
