import type { Connection } from '../../../db/schema.ts';
import { byPerson } from '../accounts/sessions.ts';
import { attribution } from '../audit/actor.ts';
import { orUnavailable } from './retry.ts';

/** Runs a transaction on behalf of a person, unless a caller has set the actor before. */
export const inActorTransaction = <Result>(
  kysely: Connection,
  actor: { kind: 'account'; accountId: string } | { kind: 'client' | 'operator' },
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> => {
  const change = () => orUnavailable(() => kysely.transaction().execute(run));
  return actor.kind === 'account' && attribution().actor_kind === 'system'
    ? byPerson(actor.accountId, undefined, change)
    : change();
};
