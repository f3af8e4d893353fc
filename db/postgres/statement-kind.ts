/** The effect of a statement on the connection that it is sent on. */
export type StatementKind = 'read' | 'write' | 'begin' | 'begin read' | 'commit' | 'rollback';

const boundary =
  /^\s*(?:(begin)\s*$|(start transaction\b)(?:.*(\bread only))?|(commit)\s*$|(rollback)\s*$)/i;
const changes =
  /\b(insert\s+into|update|delete\s+from|merge\s+into|truncate|create|alter|drop|lock|comment\s+on|pg_logical_emit_message|nextval|setval)\b/i;

/** Determines the kind of a statement from its text. Row locks count as writes, because Postgres logs them. */
export function kindOf(text: string): StatementKind {
  const [, begin, start, readOnly, commit, rollback] = boundary.exec(text) ?? [];
  if (readOnly) return 'begin read';
  if (begin || start) return 'begin';
  if (commit) return 'commit';
  if (rollback) return 'rollback';
  return changes.test(text) ? 'write' : 'read';
}
