import type { Context } from 'koa';
import {
  type PresetName,
  providerLimits,
  providerPresets,
} from '../../../config/identity-providers.ts';
import {
  identityProvider,
  identityProviderNew,
  identityProviderPath,
  identityProviders,
  type NewProviderField,
  type ProviderField,
  type ProviderNewProps,
  type ProviderProps,
  type ProviderShown,
} from '../../../views/admin/identity-providers.ts';
import type { Providers } from '../../domain/providers/providers.ts';
import type { ProviderChanges } from '../../domain/providers/settings.ts';
import {
  type IdentityProvider,
  type ProviderFinding,
  type Upstream,
  UpstreamError,
} from '../../domain/providers/types.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { hasEveryScope } from '../../domain/roles/rules.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { backchannelLogoutPath, callbackPath, signedOutPath } from '../../oauth/provider-paths.ts';
import { linesOf, tryForm } from '../framework/forms.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { changesOf } from './change.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  issuer: string;
  providers: Pick<Providers, 'all' | 'find' | 'use' | 'create' | 'update' | 'delete'>;
  upstream: Pick<Upstream, 'check'>;
}

const home = '/admin/identity-providers';

const presets = Object.entries(providerPresets).map(([id, { name }]) => ({ id, name }));

const newFields: Partial<Record<NewProviderField, string>> = {
  id: 'id',
  name: 'name',
  issuer: 'issuer',
  tenant: 'tenant',
  client_id: 'client_id',
  client_secret: 'client_secret',
};

const fields: Partial<Record<ProviderField, string>> = {
  name: 'name',
  client_id: 'client_id',
  client_secret: 'client_secret',
  scopes: 'scopes',
  domains: 'domains',
  allowed_domains: 'allowed_domains',
};

const notFound = (id: string) => new OAuthError('not_found', `There is no provider ${id}.`);

/** `/admin/identity-providers`: the providers that people sign in with, who uses them, and whether they answer. */
export function identityProviderPages(
  admin: Console,
  { issuer, providers, upstream }: Dependencies,
): void {
  const { page, form: formAt } = admin;
  const idOf = (ctx: Context) => String(ctx['params']['provider']);
  const pathOf = (ctx: Context) => identityProviderPath(idOf(ctx));

  const shown = (provider: IdentityProvider): ProviderShown => ({
    id: provider.id,
    name: provider.name,
    kind: provider.kind,
    issuer: provider.issuer,
    clientId: provider.client_id,
    hasClientSecret: provider.has_client_secret,
    scopes: provider.scopes,
    domains: provider.domains,
    createsAccounts: provider.create_accounts === 'verified',
    allowedDomains: provider.allowed_domains,
    roleRules: provider.role_rules,
    updatesProfile: provider.updates_profile,
    trustsEmail: provider.trusts_email,
    trustsSecondFactor: provider.trusts_second_factor,
    signsOut: provider.sign_out,
    privateNetwork: provider.private_network,
    enabled: provider.enabled,
    redirectUri: urlOf(issuer, callbackPath(provider.id)),
    postLogoutRedirectUri: urlOf(issuer, signedOutPath(provider.id)),
    backchannelLogoutUri: urlOf(issuer, backchannelLogoutPath(provider.id)),
    createdAt: provider.created_at,
    version: provider.updated_at.toISOString(),
  });

  const found = async (ctx: Context): Promise<IdentityProvider> => {
    const provider = await providers.find(idOf(ctx));
    if (!provider) throw notFound(idOf(ctx));
    return provider;
  };

  const show = async (
    call: Call,
    rest: Omit<ProviderProps, 'provider' | 'use' | 'mayChange'> = {},
    status = 200,
  ) => {
    const provider = await found(call.ctx);
    const use = await providers.use(provider.id);
    const mayChange = hasEveryScope(call.actor);
    const props = { provider: shown(provider), use, mayChange, ...rest };
    await call.show((frame) => identityProvider(frame, props), { status });
  };

  const showNew = (call: Call, rest: Omit<ProviderNewProps, 'presets'> = {}, status = 200) =>
    call.show((frame) => identityProviderNew(frame, { presets, ...rest }), { status });

  page(home, 'accounts:read', async (call) => {
    const list = (await providers.all()).map(shown);
    const mayChange = hasEveryScope(call.actor);
    await call.show((frame) => identityProviders(frame, { providers: list, mayChange }));
  });

  // `new` comes before the IDs of providers: one with this ID has no page, only the API.
  page(`${home}/new`, 'accounts:write', (call) => showNew(call));

  formAt(home, 'accounts:write', { back: `${home}/new` }, (call) =>
    tryForm<NewProviderField>(
      async () => {
        const { preset = '', private_network: isPrivate } = call.form;
        const given = (name: NewProviderField) => call.form[name]?.trim() || undefined;
        const id = given('id') ?? '';
        await providers.create(call.actor, id, {
          ...(Object.hasOwn(providerPresets, preset) && { preset: preset as PresetName }),
          tenant: given('tenant'),
          name: given('name'),
          issuer: given('issuer'),
          client_id: given('client_id') ?? '',
          client_secret: given('client_secret'),
          ...(isPrivate === 'on' && { private_network: true }),
        });
        seeOther(call.ctx, withNotice(identityProviderPath(id), 'provider_created'));
      },
      ({ problems, general, status }) =>
        showNew(call, { values: call.form, problems, problem: general }, status),
      newFields,
    ),
  );

  page(`${home}/:provider`, 'accounts:read', (call) => show(call));

  const change = changesOf<ProviderField>(admin, {
    at: `${home}/:provider`,
    needs: 'accounts:write',
    back: pathOf,
    again: show,
    fields,
  });

  /** `version` is that of the provider which the form showed. Throws `conflict` if it has been changed since. */
  const update = async (actor: Caller, id: string, changes: ProviderChanges, version?: string) =>
    (await providers.update(actor, id, changes, (current) => {
      if (version !== undefined && current && current.updated_at.toISOString() !== version)
        throw new OAuthError(
          'conflict',
          'The provider was changed meanwhile. Load the page again, and repeat your changes.',
        );
    })) !== undefined;

  change(
    'settings',
    'provider_saved',
    ({ actor, ctx, form }) => update(actor, idOf(ctx), changesIn(form), form['version'] ?? ''),
    { keeps: true },
  );
  change('disable', 'provider_disabled', ({ actor, ctx }) =>
    update(actor, idOf(ctx), { enabled: false }),
  );
  change('enable', 'provider_enabled', ({ actor, ctx }) =>
    update(actor, idOf(ctx), { enabled: true }),
  );
  change('delete', 'provider_deleted', ({ actor, ctx }) => providers.delete(actor, idOf(ctx)), {
    next: () => home,
  });

  // It changes nothing: those who may see the provider may ask.
  const asking = { back: pathOf, recent: false };
  formAt(`${home}/:provider/check`, 'accounts:read', asking, async (call) => {
    const provider = await found(call.ctx);
    const findings = await upstream.check(provider).catch((error: unknown): ProviderFinding[] => {
      if (!(error instanceof UpstreamError)) throw error;
      return [{ status: 'failed', message: error.message }];
    });
    await show(call, { findings });
  });
}

/** The settings of the form. Throws `invalid_request` for more domains than a provider can have. */
function changesIn(form: Record<string, string>): ProviderChanges {
  const isOn = (name: string) => form[name] === 'on';
  const domains = linesOf(form['domains']);
  const allowed = linesOf(form['allowed_domains']);
  if (Math.max(domains.length, allowed.length) > providerLimits.domains)
    throw new OAuthError(
      'invalid_request',
      `A provider has at most ${providerLimits.domains} domains.`,
    );
  const secret = form['client_secret']?.trim();
  return {
    name: form['name']?.trim() ?? '',
    client_id: form['client_id']?.trim() ?? '',
    ...(secret && { client_secret: secret }),
    scopes: [...new Set(form['scopes']?.trim().split(/\s+/).filter(Boolean))],
    domains,
    allowed_domains: allowed,
    create_accounts: isOn('create_accounts') ? 'verified' : 'no',
    updates_profile: isOn('updates_profile'),
    trusts_email: isOn('trusts_email'),
    trusts_second_factor: isOn('trusts_second_factor'),
    sign_out: isOn('sign_out'),
  };
}
