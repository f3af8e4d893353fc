/** What a statement means for the connection that it is sent on. */
export type StatementKind = 'read' | 'write' | 'begin' | 'begin read' | 'commit' | 'rollback';

const boundary =
  /^\s*(?:(begin)\s*$|(start transaction\b)(?:.*(\bread only))?|(commit)\s*$|(rollback)\s*$)/i;
const changes =
  /\b(insert\s+into|update|delete\s+from|merge\s+into|truncate|create|alter|drop|lock|comment\s+on|pg_logical_emit_message|nextval|setval)\b/i;

/** Reads the kind from the text. What locks rows is a write as well: Postgres writes locks down. */
export function kindOf(text: string): StatementKind {
  const [, begin, start, readOnly, commit, rollback] = boundary.exec(text) ?? [];
  if (readOnly) return 'begin read';
  if (begin || start) return 'begin';
  if (commit) return 'commit';
  if (rollback) return 'rollback';
  return changes.test(text) ? 'write' : 'read';
}
