import type { EventShown } from '../../../views/components/event.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { App } from '../../domain/apps/types.ts';
import type { AuditEvent } from '../../domain/audit/types.ts';

/** Events of an app with the names of their actors and targets. One query reads the names of all people. */
export async function eventsShown(
  events: AuditEvent[],
  app: App,
  accounts: Pick<Accounts, 'namesOf'>,
): Promise<EventShown[]> {
  const people = events.flatMap(({ actor, target }) =>
    [actor, target].flatMap((one) => (one?.kind === 'account' && one.id !== null ? [one.id] : [])),
  );
  const names = await accounts.namesOf(people);
  const nameOf = ({ kind, id }: { kind: string; id: string | null }): string | null => {
    if (id === null) return null;
    if (kind === 'account') return names.get(id) ?? null;
    if (kind === 'app') return app.displayName;
    return kind === 'client' || kind === 'role' ? id : null;
  };
  return events.map(({ action, at, result, actor, target, details }) => ({
    action,
    at,
    result,
    actor: { kind: actor.kind, id: actor.id, name: nameOf(actor) },
    target: target && { kind: target.kind, id: target.id, name: nameOf(target) },
    details,
  }));
}
