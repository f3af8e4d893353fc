/** `bcl profile`, `bcl update-password`, `bcl events`. */
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { PasswordRefused, type Passwords } from '../../domain/accounts/passwords.ts';
import type { Audit } from '../../domain/audit/events.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { tooManyRequests } from '../../http/rate-limit-fields.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { readObject } from '../framework/body.ts';
import type { Handler } from '../framework/dialect.ts';
import type { ReadAccountToken } from './account-token.ts';
import { refuseToken } from './errors.ts';
import { requireText } from './fields.ts';
import { describeUser } from './user.ts';

export interface AccountDependencies {
  accounts: Pick<Accounts, 'describe'>;
  passwords: Pick<Passwords, 'change'>;
  audit: Pick<Audit, 'page'>;
}

/** Bloq's client has no paging. */
const maxEvents = 100;

export function createAccountHandlers(
  { accounts, passwords, audit }: AccountDependencies,
  readAccountToken: ReadAccountToken,
): Record<'profile' | 'updatePassword' | 'events', Handler> {
  return {
    async profile(ctx) {
      const { accountId } = await readAccountToken(ctx);
      const account = await accounts.describe(accountId);
      if (!account) throw refuseToken('expired');
      ctx.body = describeUser(account);
    },

    async updatePassword(ctx) {
      const { accountId, loginId } = await readAccountToken(ctx);
      const body = await readObject(ctx);
      const current = requireText(body, 'oldPassword');
      const next = requireText(body, 'newPassword');
      try {
        await passwords.change({ accountId, sessionId: loginId, current, next, ip: ctx.ip });
      } catch (error) {
        if (error instanceof LimitReached) throw tooManyRequests(ctx, error);
        if (error instanceof PasswordRefused)
          throw new OAuthError('invalid_request', error.message, { cause: error });
        throw error;
      }
      ctx.status = 204;
    },

    async events(ctx) {
      const { accountId } = await readAccountToken(ctx);
      const { items } = await audit.page({ actor: accountId, limit: maxEvents });
      ctx.body = items.map(({ id, at, action, result, target, ip, details }) => ({
        id: String(id),
        service: 'accounts',
        serviceData: { action, result, target, ip, details },
        createdAt: at,
      }));
    },
  };
}
