/**
 * WHICH ALGORITHMS ARE IN USE: some libraries refuse a JWK Set that has a key of an algorithm that they do not know, so
 * the JWK Set has only keys that a verifier can need. RS256 is always in use: it is the default of ID tokens.
 */
import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import { orUnavailable } from '../database/retry.ts';
import { sharedRead } from '../database/shared-read.ts';
import { defaultIdTokenAlg, type SigningAlg, signingAlgs } from './signing-keys.ts';

/** Days that the keys of an algorithm stay published after they were last seen in use. */
const retentionDays = 7;

const isChosen = (alg: string): string => `(
  exists (select from client where deleted_at is null and metadata->>'id_token_signed_response_alg' = ${alg})
  or exists (select from client where deleted_at is null and metadata->>'userinfo_signed_response_alg' = ${alg})
  or exists (select from resource where signing_alg = ${alg} and (token_format = 'jwt'
    or app_policy->'token_formats' ? 'jwt'
      and exists (select from client where deleted_at is null and metadata->>'access_token_format' = 'jwt'))))`;

const find: Statement = {
  name: 'signing-algorithms',
  text: `select a.alg, ${isChosen('a.alg')} as chosen,
      coalesce(k.used_at > now() - interval '${retentionDays} days', false) as used,
      coalesce(k.used_at < now() - interval '1 day', true) as stale
    from unnest($1::text[]) as a (alg)
    left join (select alg, max(used_at) as used_at from signing_key group by alg) k on k.alg = a.alg`,
};

const mark: Statement = {
  name: 'signing-algorithms-mark',
  idempotent: true,
  text: `update signing_key set used_at = now()
    where alg = any($1::text[]) and (used_at is null or used_at < now() - interval '1 day')`,
};

interface Found {
  alg: SigningAlg;
  /** A client or a resource has it now. */
  chosen: boolean;
  used: boolean;
  stale: boolean;
}

/**
 * Reads which algorithms a client or a resource uses, or used within the last days. The first sight of one is stored, so
 * its keys stay published for the tokens that it signs, also if the client changes at once.
 */
export function createAlgorithmsInUse({ database }: { database: Database }) {
  const others = signingAlgs.filter((alg) => alg !== defaultIdTokenAlg);
  return sharedRead(async (): Promise<Set<string>> => {
    const found = await orUnavailable(() => database.query<Found>(find, [others]));
    const unmarked = found.filter(({ chosen, stale }) => chosen && stale);
    if (unmarked.length > 0)
      await orUnavailable(() => database.query(mark, [unmarked.map(({ alg }) => alg)]));
    return new Set([
      defaultIdTokenAlg,
      ...found.filter(({ chosen, used }) => chosen || used).map(({ alg }) => alg),
    ]);
  });
}

export type AlgorithmsInUse = ReturnType<typeof createAlgorithmsInUse>;

/** Stores that the keys of these algorithms are still needed by live tokens. */
export const keepPublished = (
  connection: Database['kysely'],
  algs: readonly string[],
): Promise<unknown> =>
  algs.length === 0
    ? Promise.resolve()
    : connection
        .updateTable('signing_key')
        .set({ used_at: sql<Date>`now()` })
        .where('alg', 'in', [...algs])
        .execute();
