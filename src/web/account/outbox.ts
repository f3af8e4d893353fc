import type Router from '@koa/router';
import { administratorRole } from '../../../config/roles.ts';
import { accountOutbox, type UnsentMailShown } from '../../../views/account/outbox.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Pages } from '../framework/page-guards.ts';

/** Reads the emails that were not sent, newest first, and records that this administrator did. */
export type ReadOutbox = (accountId: string, ip: string | undefined) => Promise<UnsentMailShown[]>;

const path = '/account/outbox';

/** `/account/outbox`: the emails that an installation without a mail server would have sent, for its administrators. */
export function outboxPages(
  router: Router,
  { pages, readOutbox }: { pages: Pages; readOutbox?: ReadOutbox | undefined },
): void {
  if (!readOutbox) return;
  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: path, recent: true }, async (person) => {
      const { account } = person.session;
      if (!account.roles.includes(administratorRole)) throw new OAuthError('not_found', '');
      const mails = await readOutbox(account.id, ctx.ip);
      await pages.show(ctx, person, (frame) => accountOutbox(frame, { mails }), {
        current: 'account',
        copies: true,
      });
    }),
  );
}
