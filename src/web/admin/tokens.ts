import type { Context } from 'koa';
import {
  type AdminToken,
  adminToken,
  adminTokenPath,
  adminTokens,
  adminTokensRevoked,
  adminTokensToRevoke,
  adminUnknownToken,
  selected,
  type TokenFilterField,
  type TokensProps,
} from '../../../views/admin/tokens.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { effectiveScope } from '../../domain/tokens/effective-scope.ts';
import { rightsOf } from '../../domain/tokens/entitlements.ts';
import { type ExplainToken, reasonSentences } from '../../domain/tokens/explanation.ts';
import type { NamedTokens, ShownToken } from '../../domain/tokens/named/types.ts';
import { tokenManager } from '../../domain/tokens/principal.ts';
import { describeUnknownValue, sentenceOfUnknown } from '../../domain/tokens/unknown-value.ts';
import { namedTokenKinds, parsePublicId, publicId } from '../../domain/tokens/value.ts';
import { encodeCursor } from '../../http/cursor.ts';
import { type Form, queryValue } from '../../http/form.ts';
import { ifThere } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';
import { createAccountOf } from './person-filter.ts';
import { chosenIn, onEach } from './selection.ts';

interface Dependencies {
  namedTokens: Pick<NamedTokens, 'page' | 'find' | 'check' | 'revoke'>;
  explainToken: ExplainToken;
  accounts: Pick<Accounts, 'describe' | 'page'>;
  issuer: string;
  /** The identifier of Writ's own API. */
  apiResource: string;
}

const home = '/admin/tokens';
const filterFields: readonly TokenFilterField[] = ['client', 'person', 'kind', 'state', 'name'];
const states = ['active', 'expired', 'revoked'] as const;

/** `/admin/tokens`: what a token is and why it is not active; tokens with a name; the end of one. */
export function tokenPages(
  { page, form: formAt }: Console,
  { namedTokens, explainToken, accounts, issuer, apiResource }: Dependencies,
): void {
  const shown = async (
    { scopes }: Caller,
    tokens: readonly ShownToken[],
  ): Promise<AdminToken[]> => {
    // Names and addresses are for people who may see accounts.
    const named = scopes.has('accounts:read') ? tokens : [];
    const ids = [...new Set(named.flatMap(({ accountId }) => accountId ?? []))];
    const people = new Map(
      await Promise.all(ids.map(async (id) => [id, await accounts.describe(id)] as const)),
    );
    return tokens.map((token) => {
      const account = token.accountId === null ? undefined : people.get(token.accountId);
      return {
        id: publicId(token.id),
        kind: token.kind,
        format: token.digest ? 'jwt' : 'opaque',
        name: token.name,
        hint: token.hint,
        status: token.status,
        leaked: token.leaked,
        clientId: token.clientId,
        person:
          token.accountId === null
            ? null
            : {
                id: token.accountId,
                name: account?.name ?? (scopes.has('accounts:read') ? '' : token.accountId),
                email: account?.email ?? null,
              },
        subject: token.subject && `${token.subject.type} ${token.subject.id}`,
        scope: effectiveScope(token, apiResource),
        bound: token.payload?.['jkt'] ? 'dpop' : token.payload?.['x5t#S256'] ? 'certificate' : null,
        audience: token.audience ?? [],
        roles: rightsOf(token).roles,
        kid: token.kid,
        issuedAt: new Date(token.issuedAt * 1000),
        expiresAt: token.expiresAt === null ? null : new Date(token.expiresAt * 1000),
        lastUsedAt: token.lastUsedAt === null ? null : new Date(token.lastUsedAt * 1000),
      };
    });
  };

  const accountOf = createAccountOf(accounts);

  const list = async (
    call: Call,
    rest: Pick<TokensProps, 'problem' | 'problems'> = {},
    status = 200,
  ): Promise<void> => {
    const { ctx, actor } = call;
    const filter = Object.fromEntries(
      filterFields.map((name) => [name, queryValue(ctx, name)?.trim() || undefined]),
    ) as TokensProps['filter'];
    const accountId =
      filter.person === undefined ? undefined : await accountOf(actor, filter.person);
    const nothing = filter.person !== undefined && accountId === undefined;
    const { items, next } = nothing
      ? { items: [], next: null }
      : await namedTokens.page(tokenManager(actor), {
          ...pageAsked(ctx),
          kind: namedTokenKinds.find((kind) => kind === filter.kind),
          status: states.find((state) => state === filter.state),
          clientId: filter.client,
          accountId,
          name: filter.name,
        });
    const tokens = await shown(actor, items);
    const pages = pagesAround(ctx, home, next === null ? null : encodeCursor(next), filter);
    await call.show((frame) => adminTokens(frame, { tokens, filter, pages, ...rest }), { status });
  };

  const showOne = async (call: Call, token: ShownToken): Promise<void> => {
    const [[one], reasons] = await Promise.all([
      shown(call.actor, [token]),
      explainToken(token.id),
    ]);
    if (!one || !reasons) return;
    await call.show((frame) =>
      adminToken(frame, {
        token: one,
        reasons: reasons.map(({ kind, at, detail }) => ({
          text: reasonSentences[kind],
          at,
          detail,
        })),
        mayRevoke: token.status === 'active' && mayRevoke(call.actor, token),
      }),
    );
  };

  const idOf = (ctx: Context) => String(ctx['params']['token']);

  page(home, 'tokens:read', (call) => list(call));

  // The value is in the body of the request only: it is neither stored, logged nor shown again.
  formAt(`${home}/check`, 'tokens:read', { back: home, recent: false }, async (call) => {
    const value = (call.form['token'] ?? '').trim().replace(/^bearer\s+/i, '');
    if (value === '' || value.length > 10_000)
      return list(call, { problems: { token: 'Paste a token, or the ID of one.' } }, 400);
    const actor = tokenManager(call.actor);
    const token = parsePublicId(value)
      ? await ifThere(() => namedTokens.find(actor, value))
      : await namedTokens.check(actor, value);
    if (token) return showOne(call, token);
    const text = sentenceOfUnknown(describeUnknownValue(value, issuer));
    await call.show((frame) => adminUnknownToken(frame, { text }));
  });

  /** The tokens that are chosen in a form: those of a page at most. Those that are gone are left out. */
  const chosen = async (call: Call & { form: Form }): Promise<ShownToken[]> => {
    const found = await Promise.all(
      chosenIn(call.form, selected).map((id) =>
        ifThere(() => namedTokens.find(tokenManager(call.actor), id)),
      ),
    );
    return found.filter((token) => token !== undefined);
  };

  // First it shows what ends; then it ends each as `DELETE /tokens/{id}` does, in turn: an act on one that is refused ends no other.
  formAt(`${home}/revoke`, 'tokens:revoke', { back: home }, async (call) => {
    const tokens = await chosen(call);
    if (tokens.length === 0)
      return list(call, { problem: 'Choose the tokens to revoke first.' }, 400);
    if (call.form['confirmed'] !== 'yes') {
      const props = { tokens: await shown(call.actor, tokens) };
      return call.show((frame) => adminTokensToRevoke(frame, props));
    }
    const { done: revoked, refused } = await onEach(
      tokens,
      ({ id, name }) => name ?? publicId(id),
      ({ id }) => namedTokens.revoke(tokenManager(call.actor), publicId(id)),
    );
    await call.show((frame) => adminTokensRevoked(frame, { revoked, refused }));
  });

  page(`${home}/:token`, 'tokens:read', async (call) =>
    showOne(call, await namedTokens.find(tokenManager(call.actor), idOf(call.ctx))),
  );

  formAt(
    `${home}/:token/revoke`,
    'tokens:revoke',
    { back: (ctx) => adminTokenPath(idOf(ctx)) },
    async ({ ctx, actor }) => {
      await namedTokens.revoke(tokenManager(actor), idOf(ctx));
      seeOther(ctx, withNotice(adminTokenPath(idOf(ctx)), 'token_revoked'));
    },
  );
}

/** Whether the button is shown; the domain decides. */
const mayRevoke = ({ scopes }: Caller, { accountId }: ShownToken): boolean =>
  scopes.has(accountId === null ? 'tokens:write' : 'tokens:revoke');
