import * as z from 'zod';
import type { AccountFactors } from '../../domain/accounts/account-factors.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { FactorResets } from '../../domain/accounts/factor-resets.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { time } from '../framework/schemas.ts';
import { accountPath, noAccount } from './accounts.ts';

export interface AccountFactorDependencies {
  accounts: Pick<Accounts, 'describe'>;
  accountFactors: AccountFactors;
  factorResets: Pick<FactorResets, 'plan' | 'cancel' | 'find'>;
}

const factor = z
  .object({
    id: z.string().nullable().meta({ description: 'The ID of a passkey; null for other kinds.' }),
    kind: z.enum(['authenticator', 'passkey', 'recovery_codes']).meta({
      description:
        'An authenticator app (TOTP, RFC 6238), a passkey (WebAuthn), or recovery codes.',
    }),
    name: z.string().nullable().meta({ description: 'The name that the person gave a passkey.' }),
    left: z.number().int().nullable().meta({ description: 'The number of unused recovery codes.' }),
    created_at: time.meta({ description: 'When the person added it.' }),
    last_used_at: time.nullable().meta({ description: 'When it was last used; null if never.' }),
  })
  .meta({ id: 'Factor', description: 'A second factor of a person, without anything secret.' });

const reset = z
  .object({
    planned_at: time.nullable().meta({
      description: 'When the reset was planned; null if it happened at once.',
    }),
    due_at: time.nullable().meta({
      description: 'When the factors are removed; null if it happened at once.',
    }),
    done: z.boolean().meta({
      description: 'Whether the factors are removed already (`FACTOR_RESET_HOURS` is 0).',
    }),
  })
  .meta({ id: 'FactorReset', description: 'The reset of the second factors of an account.' });

/** The second factors of people, and their resets. */
export function accountFactorOperations({
  accounts,
  accountFactors,
  factorResets,
}: AccountFactorDependencies): Operation[] {
  const on = { tag: 'Accounts', parameters: accountPath } as const;
  const path = '/accounts/{account_id}/factors';

  return [
    operation({
      ...on,
      method: 'get',
      path,
      operationId: 'listAccountFactors',
      summary: 'List the second factors of an account',
      description:
        'Returns the second factors of the person, the oldest first, on one page, and the planned reset if there is one. A single factor is removed only by its person; a person who has lost theirs needs a reset.',
      scope: 'accounts:read',
      response: z.object({ items: z.array(factor), next: z.null(), reset: reset.nullable() }),
      handle: async ({ path: { account_id: id } }) => {
        if (!(await accounts.describe(id))) throw noAccount(id);
        const planned = await factorResets.find(id);
        return {
          items: await accountFactors.list(id),
          next: null,
          reset: planned
            ? { planned_at: planned.plannedAt, due_at: planned.dueAt, done: false }
            : null,
        };
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: `${path}/reset`,
      operationId: 'resetAccountFactors',
      summary: 'Plan a reset of the second factors of an account',
      description: `For a person who has lost their second factor and their recovery codes. First make sure that the request comes from that person. The factors, recovery codes and remembered browsers are removed after \`FACTOR_RESET_HOURS\`, and the person is signed out everywhere; until then, the person can stop it with a link that is sent to their email address, and you can cancel it. If a reset is planned already, it keeps its time.

Only a caller with every scope of this API can reset the factors of an administrator, and no one can reset their own.`,
      scope: 'accounts:support',
      response: reset,
      success: 202,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'account.factors_reset_planned', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        const planned = await factorResets.plan(principal.managementActor, id);
        return {
          planned_at: planned?.plannedAt ?? null,
          due_at: planned?.dueAt ?? null,
          done: planned === undefined,
        };
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: `${path}/reset`,
      operationId: 'cancelAccountFactorsReset',
      summary: 'Cancel the reset of the second factors of an account',
      description: 'The person keeps their second factors.',
      scope: 'accounts:support',
      errors: ['access_denied'],
      audit: { action: 'account.factors_reset_cancelled', kind: 'account' },
      handle: async ({ principal, path: { account_id: id } }) => {
        if (!(await factorResets.cancel(principal.managementActor, id)))
          throw new OAuthError('not_found', 'No reset of the second factors is planned.');
      },
    }),
  ];
}
