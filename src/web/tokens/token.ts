import type Router from '@koa/router';
import type { Context } from 'koa';
import { overlaps, personalTokenTtl } from '../../../config/tokens.ts';
import { tokenPath } from '../../../views/components/token.ts';
import { accountTokenMade } from '../../../views/tokens/created.ts';
import { type AccountTokenProps, accountToken } from '../../../views/tokens/token.ts';
import type { Form } from '../../http/form.ts';
import type { Person } from '../framework/browser-session.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { sendAgain } from '../framework/forms.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { tokensPath } from './list.ts';
import { expiryOf, tryTokenForm } from './named-token-form.ts';
import { tokenShown } from './named-token-view.ts';
import { scopesIn } from './scope-fields.ts';
import type { TokenDependencies } from './types.ts';

/** `/account/tokens/{id}`: what it is, and what changes and ends it. To each person exist their own alone. */
export function tokenPages(router: Router, { pages, personalTokens }: TokenDependencies): void {
  const path = `${tokensPath}/:id`;
  const idOf = (ctx: Context) => String(ctx['params'].id);
  const pathOf = (ctx: Context) => tokenPath({ id: idOf(ctx) });

  const show = async (
    ctx: Context,
    person: Person,
    rest: Pick<AccountTokenProps, 'form' | 'values' | 'problem' | 'field'> = {},
    status = 200,
  ) => {
    const accountId = person.session.account.id;
    const [token, all, choices] = await Promise.all([
      personalTokens.find(accountId, idOf(ctx)),
      personalTokens.list(accountId),
      personalTokens.choices(accountId),
    ]);
    const props: AccountTokenProps = {
      token: tokenShown(token, choices, all),
      policy: choices.find(({ identifier }) => identifier === token.audience?.[0]),
      ttls: personalTokenTtl.choices,
      overlaps,
      idempotencyKey: newFormKey(),
      ...rest,
    };
    await pages.show(ctx, person, (frame) => accountToken(frame, props), {
      current: 'tokens',
      status,
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    });
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  /** A form of a token's page, which is shown again with what was filled in where it cannot be. */
  const form = (
    name: 'settings' | 'roll',
    run: (ctx: Context, person: Person, form: Form) => Promise<void>,
  ) =>
    router.post(`${path}/${name}`, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
        tryTokenForm(
          () => run(ctx, person, form),
          ({ status, ...rest }) => show(ctx, person, { form: name, values: form, ...rest }, status),
        ),
      ),
    );

  form('settings', async (ctx, person, form) => {
    const { expiry } = form;
    await personalTokens.update(person.session.account.id, idOf(ctx), {
      name: form['name'] ?? '',
      scope: scopesIn(form),
      // An API that is not open any more has no choice of it.
      ...(expiry !== undefined && { expiresAt: expiryOf(form) }),
    });
    seeOther(ctx, withNotice(pathOf(ctx), 'token_saved'));
  });

  form('roll', async (ctx, person, form) => {
    const accountId = person.session.account.id;
    const { token, value } = await personalTokens.rotate(
      accountId,
      idOf(ctx),
      { overlap: Number(form['overlap'] || Number.NaN), expiresAt: expiryOf(form) },
      idempotencyOf(person, form),
    );
    const [replaced, choices] = await Promise.all([
      personalTokens.find(accountId, idOf(ctx)),
      personalTokens.choices(accountId),
    ]);
    await pages.show(
      ctx,
      person,
      (frame) =>
        accountTokenMade(frame, {
          token: tokenShown(token, choices),
          replaced: tokenShown(replaced, choices),
          value,
        }),
      { current: 'tokens', copies: true },
    );
  });

  // Whoever has to stop something is not held up.
  router.post(`${path}/revoke`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)) }, async (person) => {
      await personalTokens.revoke(person.session.account.id, idOf(ctx));
      seeOther(ctx, withNotice(tokensPath, 'token_revoked'));
    }),
  );
}
