import type { Connection } from '../../../db/schema.ts';
import { byPerson } from '../accounts/sessions.ts';
import { attribution } from '../audit/actor.ts';
import { orUnavailable } from './retry.ts';

/**
 * Runs a transaction with `actor` as the actor of recorded events. An actor that the caller has already set takes
 * precedence.
 */
export const inActorTransaction = <Result>(
  kysely: Connection,
  actor: { kind: 'account'; accountId: string } | { kind: 'client' | 'operator' },
  run: (transaction: Connection) => Promise<Result>,
): Promise<Result> => {
  const runTransaction = () => orUnavailable(() => kysely.transaction().execute(run));
  return actor.kind === 'account' && attribution().actor_kind === 'system'
    ? byPerson(actor.accountId, undefined, runTransaction)
    : runTransaction();
};
