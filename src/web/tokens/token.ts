import type Router from '@koa/router';
import type { Context } from 'koa';
import { overlaps, personalTokenTtl } from '../../../config/tokens.ts';
import type { TokenFormState } from '../../../views/components/named-token-form.ts';
import { tokenPath } from '../../../views/components/token.ts';
import { accountTokenCreated } from '../../../views/tokens/created.ts';
import { accountTokenRegenerate } from '../../../views/tokens/regenerate.ts';
import { accountTokenRevoke } from '../../../views/tokens/revoke.ts';
import { accountToken } from '../../../views/tokens/token.ts';
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

/** `/account/tokens/{id}`: the details and settings of a token, and the pages that regenerate and revoke it. */
export function tokenPages(router: Router, { pages, personalTokens }: TokenDependencies): void {
  const path = `${tokensPath}/:id`;
  const idOf = (ctx: Context) => String(ctx['params'].id);
  const pathOf = (ctx: Context, rest = '') => tokenPath({ id: idOf(ctx) }, rest);

  /** A token of the person. Throws `not_found` for any other. */
  const read = async (ctx: Context, person: Person) => {
    const accountId = person.session.account.id;
    const [token, all, choices] = await Promise.all([
      personalTokens.find(accountId, idOf(ctx)),
      personalTokens.list(accountId),
      personalTokens.choices(accountId),
    ]);
    return {
      token: tokenShown(token, choices, all),
      policy: choices.find(({ identifier }) => identifier === token.audience?.[0]),
    };
  };

  const isChangeable = ({ token }: Awaited<ReturnType<typeof read>>) =>
    token.status === 'active' && !token.replacedBy;

  const show = async (ctx: Context, person: Person, state: TokenFormState = {}, status = 200) => {
    const props = { ...(await read(ctx, person)), ttls: personalTokenTtl.choices, ...state };
    await pages.show(ctx, person, (frame) => accountToken(frame, props), {
      current: 'tokens',
      status,
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    });
  };

  const showRegenerate = async (
    ctx: Context,
    person: Person,
    state: TokenFormState = {},
    status = 200,
  ) => {
    const found = await read(ctx, person);
    const { token, policy } = found;
    // The page of the token says why.
    if (!isChangeable(found) || !policy)
      return show(ctx, person, { problem: state.problem }, status);
    const props = {
      token,
      longest: policy.maxTtl,
      ttls: personalTokenTtl.choices,
      overlaps,
      idempotencyKey: newFormKey(),
      ...state,
    };
    await pages.show(ctx, person, (frame) => accountTokenRegenerate(frame, props), {
      current: 'tokens',
      status,
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    });
  };

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx) }, (person) => show(ctx, person)),
  );

  router.post(`${path}/settings`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx)), recent: true }, (person, form) =>
      tryTokenForm(
        form,
        async () => {
          await personalTokens.update(person.session.account.id, idOf(ctx), {
            name: form['name'] ?? '',
            scope: scopesIn(form),
            // The form has no expiry if the API no longer accepts personal access tokens.
            ...(form['expiry'] !== undefined && { expiresAt: expiryOf(form) }),
          });
          seeOther(ctx, withNotice(pathOf(ctx), 'token_saved'));
        },
        (state, status) => show(ctx, person, state, status),
      ),
    ),
  );

  router.get(`${path}/regenerate`, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx, '/regenerate'), recent: true }, (person) =>
      showRegenerate(ctx, person),
    ),
  );

  router.post(`${path}/regenerate`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(pathOf(ctx, '/regenerate')), recent: true },
      (person, form) =>
        tryTokenForm(
          form,
          async () => {
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
            const props = {
              token: tokenShown(token, choices),
              replaced: tokenShown(replaced, choices),
              value,
            };
            await pages.show(ctx, person, (frame) => accountTokenCreated(frame, props), {
              current: 'tokens',
              copies: true,
            });
          },
          (state, status) => showRegenerate(ctx, person, state, status),
        ),
    ),
  );

  router.get(`${path}/revoke`, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOf(ctx, '/revoke') }, async (person) => {
      const { token } = await read(ctx, person);
      if (token.status !== 'active') return seeOther(ctx, pathOf(ctx));
      await pages.show(ctx, person, (frame) => accountTokenRevoke(frame, { token }), {
        current: 'tokens',
        notice: noticeOf(ctx),
      });
    }),
  );

  // Revoking asks for no fresh sign-in: it must not be delayed.
  router.post(`${path}/revoke`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOf(ctx, '/revoke')) }, async (person) => {
      await personalTokens.revoke(person.session.account.id, idOf(ctx));
      seeOther(ctx, withNotice(tokensPath, 'token_revoked'));
    }),
  );
}
