/** The rules for settings of cross-app access. */
import { crossAppLimits, idJagLifetime } from '../../../config/cross-app-access.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { isScopeToken } from '../../oauth/scope.ts';
import type { CrossAppSettings } from './types.ts';

/** Settings that a caller does not give. */
export const crossAppDefaults: Omit<CrossAppSettings, 'client' | 'audience' | 'client_id_there'> = {
  sso_client: null,
  resources: [],
  scopes: [],
  roles: null,
  email: false,
  lifetime: idJagLifetime.default,
  enabled: true,
};

/** Throws `invalid_request` with every problem. `issuer` is that of this server. */
export async function requireCrossAppSettings(
  settings: CrossAppSettings,
  issuer: string,
): Promise<void> {
  const { audience, resources, scopes, roles, lifetime } = settings;
  const refuse = (parameter: string, problem: string) =>
    parameterError('invalid_request', parameter, problem);
  await checkEach({
    audience: () => {
      requireUrl('audience', audience);
      // It must not grant itself anything (draft §8.3).
      if (isSameServer(audience, issuer))
        throw refuse('audience', 'is this server. Use token exchange for APIs here.');
    },
    client_id_there: () => {
      if (!/^[ -~]{1,500}$/.test(settings.client_id_there))
        throw refuse('client_id_there', 'must be a client ID: 1 to 500 ASCII characters.');
    },
    resources: () => {
      for (const resource of resources) requireUri(resource);
      if (resources.length > crossAppLimits.resources) throw refuse('resources', 'are too many.');
    },
    scopes: () => {
      const wrong = scopes.find((scope) => !isScopeToken(scope));
      if (wrong !== undefined)
        throw refuse('scopes', 'must be scopes: texts without spaces, quotes and backslashes.');
      if (scopes.length > crossAppLimits.scopes) throw refuse('scopes', 'are too many.');
    },
    roles: () => {
      if (roles?.length === 0)
        throw refuse('roles', 'name a role, or null for everyone. To stop it, disable it.');
    },
    lifetime: () => {
      if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > idJagLifetime.max)
        throw refuse('lifetime', `must be 1 to ${idJagLifetime.max} seconds.`);
    },
  });
}

const isSameServer = (one: string, other: string): boolean =>
  one.replace(/\/$/, '').toLowerCase() === other.replace(/\/$/, '').toLowerCase();

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** An issuer (RFC 8414 §2); on this machine http is fine. */
function requireUrl(parameter: string, text: string): void {
  const url = /^https?:\/\/[!-~]+$/.test(text) && !/[?#]/.test(text) ? URL.parse(text) : null;
  const isPlain = url?.protocol === 'http:' && !loopback.includes(url.hostname);
  if (!url || isPlain || url.username || url.password || text.length > 500)
    throw parameterError(
      'invalid_request',
      parameter,
      'must be the issuer of the other authorization server: an https URL without query and fragment.',
    );
}

/** A resource indicator (RFC 8707 §2). */
function requireUri(text: string): void {
  if (!/^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(text) || text.includes('#') || !URL.canParse(text))
    throw parameterError(
      'invalid_request',
      'resources',
      'must be absolute URIs without a fragment, such as https://api.acme.com.',
    );
}

/** The error for an unknown ID. */
export const crossAppAccessNotFound = (id: string): OAuthError =>
  new OAuthError('not_found', `There is no cross-app access ${id}.`);
