/** HOW PEOPLE SIGN IN TO A CLIENT OF AN APP, and what its programs learn about them. */
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { requireOptionalScopes } from '../clients/rules.ts';
import { type SigningAlg, signingAlgs } from '../keys/signing-keys.ts';
import { type ClientKind, type ClientSignIn, hasRedirectUris, signsPeopleIn } from './types.ts';

/** The defaults. */
export const plainSignIn: ClientSignIn = {
  optionalScopes: [],
  defaultMaxAge: null,
  requireAuthTime: false,
  requireSecondFactor: false,
  claimsInIdToken: true,
  userinfoAlg: null,
};

/** The member of the metadata for each setting. */
const parameters = {
  optionalScopes: 'optional_scopes',
  defaultMaxAge: 'default_max_age',
  requireAuthTime: 'require_auth_time',
  requireSecondFactor: 'require_second_factor',
  claimsInIdToken: 'claims_in_id_token',
  userinfoAlg: 'userinfo_signed_response_alg',
} as const satisfies Record<keyof ClientSignIn, string>;

/** The settings in the metadata of a client. */
export const signInOf = (metadata: Record<string, unknown>): ClientSignIn => ({
  optionalScopes: (metadata[parameters.optionalScopes] as string[] | undefined) ?? [],
  defaultMaxAge: (metadata[parameters.defaultMaxAge] as number | undefined) ?? null,
  requireAuthTime: metadata[parameters.requireAuthTime] === true,
  requireSecondFactor: metadata[parameters.requireSecondFactor] === true,
  claimsInIdToken: metadata[parameters.claimsInIdToken] !== false,
  userinfoAlg: (metadata[parameters.userinfoAlg] as SigningAlg | undefined) ?? null,
});

/** The members of a client's metadata for these settings; defaults are absent. */
export const signInMetadata = ({
  optionalScopes,
  defaultMaxAge,
  requireAuthTime,
  requireSecondFactor,
  claimsInIdToken,
  userinfoAlg,
}: ClientSignIn): Record<string, unknown> => ({
  ...(optionalScopes.length > 0 && { [parameters.optionalScopes]: optionalScopes }),
  ...(defaultMaxAge !== null && { [parameters.defaultMaxAge]: defaultMaxAge }),
  ...(requireAuthTime && { [parameters.requireAuthTime]: true }),
  ...(requireSecondFactor && { [parameters.requireSecondFactor]: true }),
  ...(!claimsInIdToken && { [parameters.claimsInIdToken]: false }),
  ...(userinfoAlg !== null && { [parameters.userinfoAlg]: userinfoAlg }),
});

const maxOptionalScopes = 50;

/** Throws `invalid_request` and `invalid_client_metadata` if a client of this kind cannot have these settings. */
export async function requireSignIn(kind: ClientKind, signIn: ClientSignIn): Promise<void> {
  const given = signInMetadata(signIn);
  const { optionalScopes, defaultMaxAge, userinfoAlg } = signIn;
  const used = (name: keyof ClientSignIn): boolean => given[parameters[name]] !== undefined;
  const inBrowsers = (name: keyof ClientSignIn) => {
    if (used(name) && !hasRedirectUris(kind))
      throw refused(
        parameters[name],
        `A ${kind} client has no such setting, because people do not sign in to it in a browser.`,
      );
  };
  const forPeople = (name: keyof ClientSignIn) => {
    if (used(name) && !signsPeopleIn(kind))
      throw refused(
        parameters[name],
        `A client of the kind ${kind} has no such setting, because people do not sign in to it.`,
      );
  };
  await checkEach({
    optionalScopes: () => {
      inBrowsers('optionalScopes');
      if (optionalScopes.length > maxOptionalScopes)
        throw refused(
          parameters.optionalScopes,
          `A client can have at most ${maxOptionalScopes} optional scopes.`,
        );
      requireOptionalScopes(given);
    },
    defaultMaxAge: () => {
      inBrowsers('defaultMaxAge');
      if (defaultMaxAge !== null && !(Number.isSafeInteger(defaultMaxAge) && defaultMaxAge >= 1))
        throw refused(
          parameters.defaultMaxAge,
          'The age of a sign-in must be a whole number of seconds above zero. Leave it out for no limit.',
        );
    },
    requireAuthTime: () => inBrowsers('requireAuthTime'),
    requireSecondFactor: () => forPeople('requireSecondFactor'),
    claimsInIdToken: () => forPeople('claimsInIdToken'),
    userinfoAlg: () => {
      forPeople('userinfoAlg');
      if (userinfoAlg !== null && !signingAlgs.includes(userinfoAlg))
        throw refused(
          parameters.userinfoAlg,
          `The algorithm of userinfo must be one of ${signingAlgs.join(', ')}.`,
        );
    },
  });
}

/** Throws `invalid_request` for a first-party client that people do not sign in to in a browser. */
export function requireFirstParty(kind: ClientKind, firstParty: boolean): void {
  if (firstParty && !hasRedirectUris(kind))
    throw refused(
      'first_party',
      `A ${kind} client cannot be first-party, because people do not allow it in a browser.`,
    );
}

const refused = (parameter: string, problem: string) =>
  new OAuthError('invalid_request', problem, { parameter });
