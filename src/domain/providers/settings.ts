/** The rules for settings of identity providers, and what presets fill in. */
import {
  type PresetName,
  type ProviderPreset,
  providerLimits,
  providerPresets,
} from '../../../config/identity-providers.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { parameterError } from '../../oauth/errors.ts';
import { displayName } from '../names/display-names.ts';
import type { IdentityProvider, ProviderSettings } from './types.ts';

/** Settings that a caller gives; others stay, or have their default. */
export type ProviderChanges = {
  [Field in keyof ProviderSettings]?: ProviderSettings[Field] | undefined;
};

/** The settings of a new provider: those of the preset, then the given ones. */
export type NewProvider = ProviderChanges & {
  preset?: PresetName | undefined;
  /** For the preset `microsoft`. */
  tenant?: string | undefined;
};

const defaults: Omit<ProviderSettings, 'name' | 'issuer' | 'client_id'> = {
  kind: 'oidc',
  client_secret: null,
  scopes: ['openid', 'profile', 'email'],
  domains: [],
  create_accounts: 'no',
  allowed_domains: [],
  role_rules: [],
  updates_profile: false,
  trusts_email: false,
  trusts_second_factor: false,
  second_factor_values: ['mfa'],
  sign_out: false,
  private_network: false,
  enabled: true,
  position: 0,
};

/** The complete settings of a new provider. Throws `invalid_request`. */
export function settingsOf(id: string, { preset, tenant, ...given }: NewProvider) {
  const known: ProviderPreset | undefined = preset && providerPresets[preset];
  if (preset === 'microsoft' && given.issuer === undefined && tenant === undefined)
    throw parameterError(
      'invalid_request',
      'tenant',
      'name the tenant of Microsoft Entra: its ID or domain, or organizations for all.',
    );
  if (tenant !== undefined && (preset !== 'microsoft' || !/^[A-Za-z0-9.-]{1,100}$/.test(tenant)))
    throw parameterError(
      'invalid_request',
      'tenant',
      'only the preset microsoft has one: the ID or the domain of the tenant, or organizations.',
    );
  const isGitHub = (given.kind ?? known?.kind) === 'github';
  const merged = {
    ...defaults,
    ...(isGitHub && { scopes: [...providerPresets.github.scopes] }),
    ...(known && {
      kind: known.kind,
      name: known.name,
      issuer: known.issuer.replace('{tenant}', tenant ?? ''),
      scopes: [...known.scopes],
      trusts_email: known.trusts_email,
    }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  } as ProviderSettings;
  return checkedSettings({ ...merged, name: merged.name ?? id });
}

/** The settings in the form that is stored. Throws `invalid_request` with every problem. */
export async function checkedSettings(
  settings: ProviderSettings,
  before?: Pick<IdentityProvider, 'name'>,
): Promise<ProviderSettings> {
  const { name, domains, allowed_domains } = await checkEach({
    name: () =>
      displayName(settings.name, {
        parameter: 'name',
        maxLength: providerLimits.name,
        before: before?.name,
      }),
    issuer: () => requireIssuer(settings),
    client: () => requireClient(settings),
    scopes: () => requireScopes(settings),
    domains: () => domainsOf('domains', settings.domains),
    allowed_domains: () =>
      settings.allowed_domains.includes('*')
        ? ['*']
        : domainsOf('allowed_domains', settings.allowed_domains),
    creation: () => requireRule(settings),
    second_factor: () => requireSecondFactor(settings),
    sign_out: () => requireSignOut(settings),
  });
  return { ...settings, name, domains, allowed_domains };
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Whether a provider is on the machine of the server, where http is as good as https. */
export const isLoopback = ({ hostname }: URL): boolean => loopback.includes(hostname);

function requireIssuer({ issuer, private_network: isPrivate }: ProviderSettings): void {
  const refuse = (problem: string) => parameterError('invalid_request', 'issuer', problem);
  if (!issuer) throw refuse('enter the URL of the issuer, or name a preset.');
  const url = /^https?:\/\/[^\s?#]+$/.test(issuer) ? URL.parse(issuer) : null;
  if (!url || url.username || url.password || issuer.length > 500)
    throw refuse('must be a URL such as https://login.acme.com, without a query.');
  if (url.protocol === 'http:' && !(isPrivate && isLoopback(url)))
    throw refuse(
      isLoopback(url)
        ? 'is on this machine: set private_network.'
        : 'must use https; http is only for this machine.',
    );
}

function requireClient({ kind, client_id, client_secret }: ProviderSettings): void {
  if (!client_id)
    throw parameterError(
      'invalid_request',
      'client_id',
      'enter the ID of the client that you registered at the provider.',
    );
  if (kind === 'github' && client_secret === null)
    throw parameterError('invalid_request', 'client_secret', 'GitHub requires one.');
}

function requireScopes({ kind, scopes }: ProviderSettings): void {
  if (kind === 'oidc' && !scopes.includes('openid'))
    throw parameterError('invalid_request', 'scopes', 'must include openid.');
}

function requireRule({ create_accounts, allowed_domains }: ProviderSettings): void {
  if (create_accounts === 'verified' && allowed_domains.length === 0)
    throw parameterError(
      'invalid_request',
      'allowed_domains',
      'name the domains whose people get an account, or * for everyone with a verified address.',
    );
}

function requireSecondFactor({
  kind,
  trusts_second_factor,
  second_factor_values,
}: ProviderSettings) {
  const refuse = (problem: string) =>
    parameterError('invalid_request', 'trusts_second_factor', problem);
  if (!trusts_second_factor) return;
  if (kind === 'github') throw refuse('GitHub does not say whether a second factor was used.');
  if (second_factor_values.length === 0)
    throw refuse('name the values of amr or acr that mean two factors in second_factor_values.');
}

function requireSignOut({ kind, sign_out }: ProviderSettings): void {
  if (sign_out && kind === 'github')
    throw parameterError('invalid_request', 'sign_out', 'GitHub does not offer it to apps.');
}

const domain = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** Domains of email addresses in lower case, each once. */
function domainsOf(parameter: string, given: readonly string[]): string[] {
  const domains = [...new Set(given.map((each) => each.trim().toLowerCase().replace(/^@/, '')))];
  const wrong = domains.find((each) => !domain.test(each));
  if (wrong !== undefined)
    throw parameterError(
      'invalid_request',
      parameter,
      `${JSON.stringify(wrong.slice(0, 100))} is not a domain such as acme.com.`,
    );
  return domains;
}

/** The domain of an email address in lower case; undefined if it has none. */
export const domainOf = (email: string): string | undefined =>
  /^[^\s@]+@([^\s@]+)$/.exec(email.trim())?.[1]?.toLowerCase();
