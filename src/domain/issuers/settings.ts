/** The rules for settings of trusted issuers, and what presets fill in. */
import {
  defaultIssuerAlgorithms,
  type IssuerPreset,
  type IssuerPresetName,
  type IssuerUse,
  issuedLifetime,
  issuerAlgorithms,
  issuerLimits,
  issuerPresets,
  issuerTokens,
} from '../../../config/trusted-issuers.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { displayName } from '../names/display-names.ts';
import { matchesAnything } from './claim-patterns.ts';
import type { IssuerRule, IssuerSettings, TrustedIssuer } from './types.ts';

/** A rule as a caller gives it. */
export type GivenRule = Pick<IssuerRule, 'name' | 'claims' | 'client'> & {
  scopes?: string[] | null | undefined;
  roles?: string[] | null | undefined;
  enabled?: boolean | undefined;
};

/** Settings that a caller gives; others stay, or have their default. */
export type IssuerChanges = {
  [Field in keyof Omit<IssuerSettings, 'rules'>]?: IssuerSettings[Field] | undefined;
} & { rules?: GivenRule[] | undefined };

/** The settings of a new issuer: those of the preset, then the given ones. */
export type NewIssuer = IssuerChanges & {
  preset?: IssuerPresetName | undefined;
  /** For the preset `azure`. */
  tenant?: string | undefined;
};

const defaults: Omit<IssuerSettings, 'name' | 'issuer'> = {
  jwks_uri: null,
  jwks: null,
  algorithms: [...defaultIssuerAlgorithms],
  audiences: [],
  uses: ['workload_identity'],
  rules: [],
  provider_id: null,
  max_age: issuerTokens.defaultAge,
  token_lifetime: issuedLifetime.default,
  single_use: true,
  private_network: false,
  enabled: true,
};

/** The complete settings of a new issuer. Throws `invalid_request`. */
export function settingsOf(
  id: string,
  { preset, tenant, ...given }: NewIssuer,
): Promise<IssuerSettings> {
  const known: IssuerPreset | undefined = preset && issuerPresets[preset];
  if (tenant !== undefined && (preset !== 'azure' || !/^[A-Za-z0-9.-]{1,100}$/.test(tenant)))
    throw parameterError(
      'invalid_request',
      'tenant',
      'only the preset azure has one: the ID of the tenant of Microsoft Entra.',
    );
  if (preset === 'azure' && given.issuer === undefined && tenant === undefined)
    throw parameterError('invalid_request', 'tenant', 'enter the ID of your tenant.');
  return checkedSettings({
    ...defaults,
    name: known?.name ?? id,
    issuer: known?.issuer?.replace('{tenant}', tenant ?? '') ?? '',
    ...(known && { algorithms: [...known.algorithms], single_use: known.single_use }),
    ...without(given),
  });
}

/** Settings with changes applied, in the form that is stored. Throws `invalid_request` with every problem. */
export const changedSettings = (
  before: TrustedIssuer,
  changes: IssuerChanges,
): Promise<IssuerSettings> => {
  const { id: _id, generation: _, created_at: _created, updated_at: _updated, ...current } = before;
  return checkedSettings({ ...current, ...without(changes) }, before);
};

/** The fields that are given, with whole rules. */
const without = ({ rules, ...given }: IssuerChanges): Partial<IssuerSettings> => ({
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  ...(rules && {
    rules: rules.map(({ scopes = null, roles = null, enabled = true, ...rule }) => ({
      ...rule,
      scopes,
      roles,
      enabled,
    })),
  }),
});

async function checkedSettings(
  settings: IssuerSettings,
  before?: Pick<TrustedIssuer, 'name'>,
): Promise<IssuerSettings> {
  const { name } = await checkEach({
    name: () =>
      displayName(settings.name, {
        parameter: 'name',
        maxLength: issuerLimits.name,
        before: before?.name,
      }),
    issuer: () => requireIssuer(settings),
    keys: () => requireKeys(settings),
    algorithms: () => requireAlgorithms(settings),
    uses: () => requireUses(settings),
    rules: () => requireRules(settings),
    times: () => requireTimes(settings),
  });
  return { ...settings, name };
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** The issuer of tokens is compared as it is. It is opened for discovery only if there is no other source of keys. */
function requireIssuer({ issuer, jwks, jwks_uri, private_network }: IssuerSettings): void {
  if (!issuer)
    throw parameterError('invalid_request', 'issuer', 'enter the iss of its tokens: a URL.');
  const isOpened = jwks === null && jwks_uri === null;
  requireUrl('issuer', issuer, { private_network: private_network || !isOpened });
}

function requireUrl(
  parameter: string,
  text: string,
  { private_network: isPrivate }: Pick<IssuerSettings, 'private_network'>,
): void {
  const url = /^https?:\/\/[^\s#]+$/.test(text) ? URL.parse(text) : null;
  if (!url || url.username || url.password || text.length > 500)
    throw parameterError(
      'invalid_request',
      parameter,
      'must be a URL such as https://login.acme.com, without user name and fragment.',
    );
  if (url.protocol === 'http:' && !(isPrivate && loopback.includes(url.hostname)))
    throw parameterError(
      'invalid_request',
      parameter,
      loopback.includes(url.hostname)
        ? 'is on this machine: set private_network.'
        : 'must use https; http is only for this machine.',
    );
}

function requireKeys({ jwks, jwks_uri, ...settings }: IssuerSettings): void {
  if (jwks_uri !== null) requireUrl('jwks_uri', jwks_uri, settings);
  if (jwks === null) return;
  const refuse = (problem: string) => parameterError('invalid_request', 'jwks', problem);
  if (jwks_uri !== null) throw refuse('name a jwks_uri or paste keys, not both.');
  const { keys } = jwks;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > issuerLimits.keys)
    throw refuse(`must be a JWK Set with 1 to ${issuerLimits.keys} keys: {"keys": […]}.`);
  for (const { kty, d, k, kid } of keys) {
    if (d !== undefined || k !== undefined || kty === 'oct')
      throw refuse(
        'contains a private or secret key. Paste public keys only, and replace this one.',
      );
    if (!['RSA', 'EC', 'OKP'].includes(String(kty)))
      throw refuse('contains a key that is neither RSA, EC nor OKP.');
    if (kid !== undefined && (typeof kid !== 'string' || kid.length > 500))
      throw refuse('contains a kid that is not a text of at most 500 characters.');
  }
  if (JSON.stringify(jwks).length > 200_000) throw refuse('is too large.');
}

function requireAlgorithms({ algorithms }: IssuerSettings): void {
  const wrong = algorithms.find((alg) => !issuerAlgorithms.some((known) => known === alg));
  if (wrong !== undefined || algorithms.length === 0)
    throw parameterError(
      'invalid_request',
      'algorithms',
      `must be one or more of ${issuerAlgorithms.join(', ')}.`,
    );
}

function requireUses({ uses, rules, provider_id }: IssuerSettings): void {
  if (uses.length === 0)
    throw parameterError(
      'invalid_request',
      'uses',
      'name at least one. To stop an issuer, disable it.',
    );
  const hasUse = (...some: IssuerUse[]): boolean => some.some((use) => uses.includes(use));
  if (rules.length > 0 && !hasUse('workload_identity', 'token_exchange'))
    throw parameterError(
      'invalid_request',
      'rules',
      'are for the uses workload_identity and token_exchange, which this issuer does not have.',
    );
  if (provider_id !== null && !hasUse('id_jag', 'token_exchange'))
    throw parameterError(
      'invalid_request',
      'provider_id',
      'is for the uses id_jag and token_exchange, which this issuer does not have.',
    );
}

function requireRules({ rules }: IssuerSettings): void {
  const names = new Set<string>();
  for (const [index, { name, claims }] of rules.entries()) {
    const refuse = (field: string, problem: string) =>
      parameterError('invalid_request', `rules[${index}].${field}`, problem);
    if (names.has(name)) throw refuse('name', 'is the name of another rule of this issuer.');
    names.add(name);
    const patterns = Object.values(claims);
    // A public issuer signs tokens for everyone: a rule that any of them satisfies would be for everyone.
    if (!patterns.some((some) => some.length > 0 && !some.some(matchesAnything)))
      throw refuse('claims', 'must require a claim that is not *, such as sub.');
    if (patterns.some((some) => some.length === 0))
      throw refuse('claims', 'name at least one pattern for each claim.');
    if (patterns.flat().some((pattern) => pattern.split('*').length > 12))
      throw refuse('claims', 'contains a pattern with too many wildcards.');
  }
}

function requireTimes({ max_age, token_lifetime }: IssuerSettings): void {
  const within = (value: number, max: number) =>
    Number.isInteger(value) && value >= 1 && value <= max;
  if (!within(max_age, issuerTokens.maxAge))
    throw parameterError(
      'invalid_request',
      'max_age',
      `must be 1 to ${issuerTokens.maxAge} seconds.`,
    );
  if (!within(token_lifetime, issuedLifetime.max))
    throw parameterError(
      'invalid_request',
      'token_lifetime',
      `must be 1 to ${issuedLifetime.max} seconds.`,
    );
}

/** The error for an unknown issuer. */
export const issuerNotFound = (id: string): OAuthError =>
  new OAuthError('not_found', `There is no trusted issuer ${id}.`);
