import type Router from '@koa/router';
import type { Context } from 'koa';
import { apiKeyTtl, overlaps } from '../../../config/tokens.ts';
import { appApiKey } from '../../../views/apps/api-key.ts';
import { appApiKeyCreated } from '../../../views/apps/api-key-created.ts';
import { appApiKeyRegenerate } from '../../../views/apps/api-key-regenerate.ts';
import { appApiKeyRevoke } from '../../../views/apps/api-key-revoke.ts';
import { type AppApiKeysProps, appApiKeys } from '../../../views/apps/api-keys.ts';
import { type ApiKeySnippets, apiKeyPath, apiKeysPath } from '../../../views/components/api-key.ts';
import type { TokenFormState } from '../../../views/components/named-token-form.ts';
import {
  type App,
  type AppClient,
  type AppRole,
  type AppsDomain,
  isConfidentialKind,
} from '../../domain/apps/types.ts';
import { maxApiTokenTtl } from '../../domain/resources/resources.ts';
import type { CreatedToken, ShownToken } from '../../domain/tokens/named/types.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from '../framework/browser-session.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { ifThere, sendAgain } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { expiryOf, tryTokenForm } from '../tokens/named-token-form.ts';
import { tokenShown } from '../tokens/named-token-view.ts';
import { permittedScope } from './connect-view.ts';
import { actorOf, named, rolesFor, showPage } from './page.ts';
import { apiByCurl, keyInShell, type TokenForUser, tokensByCurl } from './snippets/curl.ts';
import { tokensInGo } from './snippets/go.ts';
import { tokensInNode } from './snippets/node.ts';
import { tokensInPython } from './snippets/python.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find' | 'openResources'>;
  appClients: Pick<AppsDomain['appClients'], 'find'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  appApiKeys: AppsDomain['appApiKeys'];
  /** The URL of the example API and its resource, if this server has one. */
  exampleApi: string | undefined;
  exampleResource: string | undefined;
}

/** The lifetime in seconds of the token in the example. */
const tokenTtl = 30 * 86_400;

/** `/apps/{app}/clients/{client}/api-keys`: the keys with which a backend creates tokens for its own users. */
export function appApiKeysPages(router: Router, dependencies: Dependencies): void {
  const { issuer, pages, apps, appClients, appRoles, appApiKeys: apiKeys } = dependencies;
  const { exampleApi, exampleResource } = dependencies;
  const all = '/apps/:app/clients/:client/api-keys';
  const one = `${all}/:key`;
  const at = (ctx: Context) => [named(ctx, 'app'), named(ctx, 'client')] as const;
  const idOf = (ctx: Context) => named(ctx, 'key');
  const listPath = (ctx: Context) => {
    const [app, client] = at(ctx);
    return apiKeysPath({ name: app }, { name: client });
  };
  const keyPath = (ctx: Context, rest = '') => {
    const [app, client] = at(ctx);
    return apiKeyPath({ name: app }, { name: client }, { id: idOf(ctx) }, rest);
  };

  /** The app and its client. Throws `not_found` for a public client, which has no keys. */
  const read = async (ctx: Context, person: Person) => {
    const actor = actorOf(person);
    const [app, client] = await Promise.all([
      apps.find(actor, named(ctx, 'app')),
      appClients.find(actor, ...at(ctx)),
    ]);
    if (!isConfidentialKind(client.kind))
      throw new OAuthError('not_found', 'A public client has no API keys.');
    const { all: roles, mayManage } = await rolesFor(appRoles, actor, app);
    return { actor, app, client, roles, mayManage: mayManage(client.role) };
  };

  const readKey = async (ctx: Context, person: Person) => {
    const found = await read(ctx, person);
    const key = await apiKeys.find(found.actor, ...at(ctx), idOf(ctx));
    const others = key.successor === null ? [] : await apiKeys.list(found.actor, ...at(ctx));
    const isActive = key.status === 'active' && found.mayManage;
    return { ...found, key: tokenShown(key, [], others), isActive };
  };

  /** Code that uses a key, with its value if it is new; undefined if no API is open to apps. */
  const snippetsFor = async (
    { role }: Pick<AppClient, 'role'>,
    roles: readonly AppRole[],
    apiKey?: string,
  ): Promise<ApiKeySnippets | undefined> => {
    const [resource] = await apps.openResources();
    if (!resource) return undefined;
    const { identifier, isDefault, policy } = resource;
    const scope = permittedScope(
      resource,
      roles.find(({ name }) => name === role),
    );
    const seconds = Math.min(tokenTtl, maxApiTokenTtl(policy) ?? tokenTtl);
    const token: TokenForUser = {
      ...(scope && { scope }),
      roles: [role],
      expires_at: new Date(Date.now() + seconds * 1000).toISOString(),
      ...(!isDefault && { resource: identifier }),
    };
    return {
      key: keyInShell(apiKey),
      curl: {
        ...tokensByCurl(issuer, token),
        ...(exampleApi && identifier === exampleResource && { use: apiByCurl(exampleApi).read }),
      },
      node: tokensInNode(issuer, token),
      python: tokensInPython(issuer, token),
      go: tokensInGo(issuer, token),
    };
  };

  const showAll = async (
    ctx: Context,
    person: Person,
    rest: Partial<Pick<AppApiKeysProps, 'values' | 'problems' | 'problem'>> = {},
    status = 200,
  ) => {
    const { actor, app, client, roles, mayManage } = await read(ctx, person);
    const keys = app.manages === 'nothing' ? undefined : await apiKeys.list(actor, ...at(ctx));
    const props: AppApiKeysProps = {
      app,
      client,
      mayManage,
      keys: keys?.map((key) => tokenShown(key, [], keys)),
      snippets: await snippetsFor(client, roles),
      idempotencyKey: newFormKey(),
      ttls: apiKeyTtl.choices,
      values: { may: 'write', expiry: String(apiKeyTtl.default) },
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appApiKeys(frame, props), {
      status,
      copies: true,
    });
  };

  const showOne = async (
    ctx: Context,
    person: Person,
    state: TokenFormState = {},
    status = 200,
  ) => {
    const props = { ...(await readKey(ctx, person)), ttls: apiKeyTtl.choices, ...state };
    await showPage(pages, ctx, person, (frame) => appApiKey(frame, props), { status });
  };

  const showRegenerate = async (
    ctx: Context,
    person: Person,
    state: TokenFormState = {},
    status = 200,
  ) => {
    const found = await readKey(ctx, person);
    // The page of the key says why.
    if (!found.isActive || found.key.replacedBy)
      return showOne(ctx, person, { problem: state.problem }, status);
    const props = {
      ...found,
      ttls: apiKeyTtl.choices,
      overlaps,
      idempotencyKey: newFormKey(),
      ...state,
    };
    await showPage(pages, ctx, person, (frame) => appApiKeyRegenerate(frame, props), { status });
  };

  /** The page with the value of a new key. */
  const showCreated = async (
    ctx: Context,
    person: Person,
    { app, client, roles }: { app: App; client: AppClient; roles: AppRole[] },
    { token, value }: CreatedToken,
    replaced?: ShownToken,
  ) => {
    const snippets = await snippetsFor(client, roles, value);
    await showPage(
      pages,
      ctx,
      person,
      (frame) =>
        appApiKeyCreated(frame, {
          app,
          client,
          key: tokenShown(token, []),
          value,
          replaced: replaced && tokenShown(replaced, []),
          snippets,
        }),
      { copies: true },
    );
  };

  router.get(all, (ctx) =>
    pages.forPerson(ctx, { returnTo: listPath(ctx) }, (person) => showAll(ctx, person)),
  );

  router.post(all, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(listPath(ctx)), recent: true }, (person, form) =>
      tryTokenForm(
        form,
        async () => {
          const found = await read(ctx, person);
          const created = await apiKeys.create(
            found.actor,
            ...at(ctx),
            { name: form['name'] ?? '', scope: scopeOf(form), expiresAt: expiryOf(form) },
            idempotencyOf(person, form),
          );
          await showCreated(ctx, person, found, created);
        },
        ({ problems, problem }, status) =>
          showAll(
            ctx,
            person,
            {
              values: form,
              problems: {
                ...problems,
                ...(problems?.scope && { scope: 'Choose what the key can do.' }),
              },
              problem,
            },
            status,
          ),
      ),
    ),
  );

  router.get(one, (ctx) =>
    pages.forPerson(ctx, { returnTo: keyPath(ctx) }, (person) => showOne(ctx, person)),
  );

  router.post(`${one}/settings`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(keyPath(ctx)), recent: true }, (person, form) =>
      tryTokenForm(
        form,
        async () => {
          const changes = { name: form['name'] ?? '', expiresAt: expiryOf(form) };
          await apiKeys.update(actorOf(person), ...at(ctx), idOf(ctx), changes);
          seeOther(ctx, withNotice(keyPath(ctx), 'api_key_saved'));
        },
        (state, status) => showOne(ctx, person, state, status),
      ),
    ),
  );

  router.get(`${one}/regenerate`, (ctx) =>
    pages.forPerson(ctx, { returnTo: keyPath(ctx, '/regenerate'), recent: true }, (person) =>
      showRegenerate(ctx, person),
    ),
  );

  router.post(`${one}/regenerate`, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(keyPath(ctx, '/regenerate')), recent: true },
      (person, form) =>
        tryTokenForm(
          form,
          async () => {
            const found = await read(ctx, person);
            const created = await apiKeys.regenerate(
              found.actor,
              ...at(ctx),
              idOf(ctx),
              { overlap: Number(form['overlap'] || Number.NaN), expiresAt: expiryOf(form) },
              idempotencyOf(person, form),
            );
            const replaced = await apiKeys.find(found.actor, ...at(ctx), idOf(ctx));
            await showCreated(ctx, person, found, created, replaced);
          },
          (state, status) => showRegenerate(ctx, person, state, status),
        ),
    ),
  );

  router.get(`${one}/revoke`, (ctx) =>
    pages.forPerson(ctx, { returnTo: keyPath(ctx, '/revoke') }, async (person) => {
      const found = await readKey(ctx, person);
      if (!found.isActive) return seeOther(ctx, keyPath(ctx));
      await showPage(pages, ctx, person, (frame) => appApiKeyRevoke(frame, found));
    }),
  );

  // Revoking asks for no fresh sign-in: it must not be delayed.
  router.post(`${one}/revoke`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(keyPath(ctx, '/revoke')) }, async (person) => {
      await ifThere(() => apiKeys.delete(actorOf(person), ...at(ctx), idOf(ctx)));
      seeOther(ctx, withNotice(listPath(ctx), 'api_key_deleted'));
    }),
  );
}

/** The scopes of the chosen access; none if nothing is chosen, which the domain refuses. */
function scopeOf({ may }: Form): string[] {
  if (may === 'write') return ['tokens:read', 'tokens:write'];
  return may === 'read' ? ['tokens:read'] : [];
}
