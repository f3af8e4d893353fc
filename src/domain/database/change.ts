import type { Connection } from '../../../db/schema.ts';
import { byPerson } from '../accounts/sessions.ts';
import { attribution } from '../audit/actor.ts';
import { orUnavailable } from './retry.ts';

/** A transaction whose events name the person who acts, where nobody else is known to act for them. */
export const inActorTransaction = <Result>(
  kysely: Connection,
  actor: { kind: 'account'; accountId: string } | { kind: 'operator' },
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> => {
  const change = () => orUnavailable(() => kysely.transaction().execute(run));
  return actor.kind === 'account' && attribution().actor_kind === 'system'
    ? byPerson(actor.accountId, undefined, change)
    : change();
};
