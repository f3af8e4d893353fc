/**
 * WHO MUST HAVE A SECOND FACTOR: by the setting SECOND_FACTOR and by role. A policy can leave people some days, which
 * begin at their first sign-in or page under it. The earliest date applies. Sessions that lack a factor from then on are led to
 * where one is set up (`mustEnrol` in `sessions.ts`). Clients can require a factor of each login as well
 * (`require_second_factor`), whatever the account.
 */
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** The policy of the installation. */
export interface InstallationFactorPolicy {
  who: Settings['SECOND_FACTOR'];
  /** How many days people have. */
  days: number;
}

/** Since when an account must have a second factor. */
export interface FactorRequirement {
  /** The end of the time that its person has to set one up. */
  dueAt: Date;
  /** Whether that time is over, by the clock of the database. */
  isDue: boolean;
}

/**
 * SQL: the policies that apply to account `a`, with the end of the time that each leaves. `who` and `days` are expressions for
 * the policy of the installation. Those that are not remembered yet began now.
 */
export const policiesSql = (who: string, days: string): string =>
  `select p.source, a.factor_policies->>p.source as since, d.at as due_at, d.at <= now() as is_due
    from (
      select 'installation' as source, ${days} as days
        where ${who} = 'everyone' or (${who} = 'administrators' and exists (
          select from role s where s.name = any (a.roles) and (s.name = '${administratorRole}' or s.api_scopes <> '{}')))
      union all select 'role:' || r.name, r.second_factor_within_days from role r
        where r.name = any (a.roles) and r.second_factor_within_days is not null
    ) p
    cross join lateral (
      select coalesce((a.factor_policies->>p.source)::timestamptz, now()) + p.days * interval '1 day' as at
    ) d`;

interface Row {
  source: string;
  since: string | null;
  dueAt: Date;
  isDue: boolean;
}

export function createFactorPolicy({ who, days }: InstallationFactorPolicy) {
  const policies = sql.raw(policiesSql(`'${who}'`, String(Math.trunc(days))));

  const policiesOf = async (connection: Connection, accountId: string): Promise<Row[]> => {
    const { rows } = await sql<Row>`
      select p.source, p.since, p.due_at as "dueAt", p.is_due as "isDue"
      from account a cross join lateral (${policies}) p
      where a.id = ${accountId}::uuid
      order by p.due_at`.execute(connection);
    return rows;
  };

  const strictest = ([first]: Row[]): FactorRequirement | undefined =>
    first && { dueAt: first.dueAt, isDue: first.isDue };

  return {
    who,
    days,

    /** What the policies require of an account; undefined if a second factor is optional. */
    requirement: async (
      connection: Connection,
      accountId: string,
    ): Promise<FactorRequirement | undefined> => strictest(await policiesOf(connection, accountId)),

    /** The same at a sign-in or a page, which remembers since when each policy has applied. */
    async rememberRequirement(
      transaction: Connection,
      accountId: string,
    ): Promise<FactorRequirement | undefined> {
      const applying = await policiesOf(transaction, accountId);
      const sources = applying.map(({ source }) => source);
      await sql`
        update account set factor_policies = (
          select coalesce(jsonb_object_agg(source, coalesce(factor_policies->source, to_jsonb(now()))), '{}')
          from unnest(${sources}::text[]) as source)
        where id = ${accountId}::uuid and not (
          factor_policies ?& ${sources}::text[] and (select count(*) from jsonb_object_keys(factor_policies)) = ${sources.length})`.execute(
        transaction,
      );
      return strictest(applying);
    },

    /** Throws `conflict` if the account must have a second factor; for the removal of its last one. */
    async requireNotNeeded(transaction: Connection, accountId: string): Promise<void> {
      if (!strictest(await policiesOf(transaction, accountId))?.isDue) return;
      throw new OAuthError(
        'conflict',
        'Your account must have a second factor. Add another one before you remove this one.',
      );
    },
  };
}

export type FactorPolicy = ReturnType<typeof createFactorPolicy>;
