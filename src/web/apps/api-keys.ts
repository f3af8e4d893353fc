import type Router from '@koa/router';
import type { Context } from 'koa';
import { apiKeyTtl, overlaps } from '../../../config/tokens.ts';
import { type AppApiKeyProps, appApiKey } from '../../../views/apps/api-key.ts';
import { appApiKeyMade } from '../../../views/apps/api-key-created.ts';
import { type AppApiKeysProps, appApiKeys } from '../../../views/apps/api-keys.ts';
import { type ApiKeySnippets, apiKeyPath, apiKeysPath } from '../../../views/components/api-key.ts';
import {
  type App,
  type AppClient,
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
import { actorOf, named, rolesFor, showPage } from './page.ts';
import { apiByCurl, tokensByCurl } from './snippets.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  apps: Pick<AppsDomain['apps'], 'find' | 'openResources'>;
  appClients: Pick<AppsDomain['appClients'], 'find'>;
  appRoles: Pick<AppsDomain['appRoles'], 'list'>;
  appApiKeys: AppsDomain['appApiKeys'];
  /** The address of the example API, and the resource that it is, where this server has one. */
  exampleApi: string | undefined;
  exampleResource: string | undefined;
}

/** Seconds that the token of the example lives. */
const tokenTtl = 30 * 86_400;

/** `/apps/{app}/clients/{client}/api-keys`: with what a backend makes tokens for users of its own. */
export function appApiKeysPages(router: Router, dependencies: Dependencies): void {
  const { issuer, pages, apps, appClients, appRoles, appApiKeys: apiKeys } = dependencies;
  const { exampleApi, exampleResource } = dependencies;
  const all = '/apps/:app/clients/:client/api-keys';
  const one = `${all}/:key`;
  const at = (ctx: Context) => [named(ctx, 'app'), named(ctx, 'client')] as const;
  const idOf = (ctx: Context) => named(ctx, 'key');
  const pathOfAll = (ctx: Context) => {
    const [app, client] = at(ctx);
    return apiKeysPath({ name: app }, { name: client });
  };
  const pathOfOne = (ctx: Context) => {
    const [app, client] = at(ctx);
    return apiKeyPath({ name: app }, { name: client }, { id: idOf(ctx) });
  };

  /** The app and its client, which must be a server: no other has keys. */
  const found = async (ctx: Context, person: Person) => {
    const actor = actorOf(person);
    const [app, client] = await Promise.all([
      apps.find(actor, named(ctx, 'app')),
      appClients.find(actor, ...at(ctx)),
    ]);
    if (!isConfidentialKind(client.kind))
      throw new OAuthError('not_found', 'A public client has no API keys.');
    const { mayManage } = await rolesFor(appRoles, actor, app);
    return { actor, app, client, mayManage: mayManage(client.role) };
  };

  /** What can be done with a key, with its value where it is known; nothing where no API is open. */
  const snippetsFor = async (
    { role }: Pick<AppClient, 'role'>,
    apiKey?: string,
  ): Promise<ApiKeySnippets | undefined> => {
    const [resource] = await apps.openResources();
    if (!resource) return undefined;
    const { identifier, isDefault, scopes, policy } = resource;
    const seconds = Math.min(tokenTtl, maxApiTokenTtl(policy) ?? tokenTtl);
    return {
      ...tokensByCurl({
        issuer,
        apiKey,
        scope: scopes.map(({ name }) => name).join(' '),
        roles: [role],
        expires_at: new Date(Date.now() + seconds * 1000).toISOString(),
        ...(!isDefault && { resource: identifier }),
      }),
      ...(exampleApi && identifier === exampleResource && { use: apiByCurl(exampleApi).read }),
    };
  };

  const showAll = async (
    ctx: Context,
    person: Person,
    rest: Partial<Pick<AppApiKeysProps, 'values' | 'problem' | 'field'>> = {},
    status = 200,
  ) => {
    const { actor, app, client, mayManage } = await found(ctx, person);
    const keys = app.manages === 'nothing' ? undefined : await apiKeys.list(actor, ...at(ctx));
    const props: AppApiKeysProps = {
      app,
      client,
      mayManage,
      keys: keys?.map((key) => tokenShown(key, [], keys)),
      snippets: await snippetsFor(client),
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
    rest: Pick<AppApiKeyProps, 'form' | 'values' | 'problem' | 'field'> = {},
    status = 200,
  ) => {
    const { actor, app, client, mayManage } = await found(ctx, person);
    const key = await apiKeys.find(actor, ...at(ctx), idOf(ctx));
    const others = key.successor === null ? [] : await apiKeys.list(actor, ...at(ctx));
    const props: AppApiKeyProps = {
      app,
      client,
      key: tokenShown(key, [], others),
      mayManage,
      ttls: apiKeyTtl.choices,
      overlaps,
      idempotencyKey: newFormKey(),
      ...rest,
    };
    await showPage(pages, ctx, person, (frame) => appApiKey(frame, props), { status });
  };

  /** The page with the value of a key, this once. */
  const showMade = async (
    ctx: Context,
    person: Person,
    { app, client }: { app: App; client: AppClient },
    { token, value }: CreatedToken,
    replaced?: ShownToken,
  ) => {
    const snippets = await snippetsFor(client, value);
    await showPage(
      pages,
      ctx,
      person,
      (frame) =>
        appApiKeyMade(frame, {
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
    pages.forPerson(ctx, { returnTo: pathOfAll(ctx) }, (person) => showAll(ctx, person)),
  );

  router.post(all, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => sendAgain(pathOfAll(ctx)), recent: true },
      (person, form) =>
        tryTokenForm(
          async () => {
            const there = await found(ctx, person);
            const given = {
              name: form['name'] ?? '',
              scope: scopeOf(form),
              expiresAt: expiryOf(form),
            };
            const made = await apiKeys.create(
              there.actor,
              ...at(ctx),
              given,
              idempotencyOf(person, form),
            );
            await showMade(ctx, person, there, made);
          },
          ({ status, ...rest }) => showAll(ctx, person, { values: form, ...rest }, status),
        ),
    ),
  );

  router.get(one, (ctx) =>
    pages.forPerson(ctx, { returnTo: pathOfOne(ctx) }, (person) => showOne(ctx, person)),
  );

  /** A form of a key's page, which is shown again with what was filled in where it cannot be. */
  const form = (
    name: 'settings' | 'regenerate',
    run: (ctx: Context, person: Person, form: Form) => Promise<void>,
  ) =>
    router.post(`${one}/${name}`, (ctx) =>
      pages.forForm(
        ctx,
        { returnTo: () => sendAgain(pathOfOne(ctx)), recent: true },
        (person, form) =>
          tryTokenForm(
            () => run(ctx, person, form),
            ({ status, ...rest }) =>
              showOne(ctx, person, { form: name, values: form, ...rest }, status),
          ),
      ),
    );

  form('settings', async (ctx, person, form) => {
    const changes = { name: form['name'] ?? '', expiresAt: expiryOf(form) };
    await apiKeys.update(actorOf(person), ...at(ctx), idOf(ctx), changes);
    seeOther(ctx, withNotice(pathOfOne(ctx), 'api_key_saved'));
  });

  form('regenerate', async (ctx, person, form) => {
    const there = await found(ctx, person);
    const rotation = { overlap: Number(form['overlap'] || Number.NaN), expiresAt: expiryOf(form) };
    const made = await apiKeys.regenerate(
      there.actor,
      ...at(ctx),
      idOf(ctx),
      rotation,
      idempotencyOf(person, form),
    );
    const replaced = await apiKeys.find(there.actor, ...at(ctx), idOf(ctx));
    await showMade(ctx, person, there, made, replaced);
  });

  // Whoever has to stop something is not held up.
  router.post(`${one}/delete`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => sendAgain(pathOfOne(ctx)) }, async (person) => {
      await ifThere(() => apiKeys.delete(actorOf(person), ...at(ctx), idOf(ctx)));
      seeOther(ctx, withNotice(pathOfAll(ctx), 'api_key_deleted'));
    }),
  );
}

/** What was chosen that a key may do. */
function scopeOf({ may }: Form): string[] {
  if (may === 'write') return ['tokens:read', 'tokens:write'];
  if (may === 'read') return ['tokens:read'];
  throw new OAuthError(
    'invalid_request',
    'Choose what the key may do: it has at least one scope.',
    { parameter: 'scope' },
  );
}
