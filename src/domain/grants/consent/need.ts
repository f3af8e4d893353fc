import { scopeOfClaim } from '../../../../config/claims.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { isPublic } from '../../clients/client-types.ts';
import type { Client } from '../../clients/lookup.ts';
import { neededScopes, openIdScopesOf, type RequestedAccess } from '../requested-access.ts';
import type { RememberedScopes } from './memory.ts';

/** The parameters of an authorization request that decide whether a person must see a page. */
export interface PromptParameters {
  redirect_uri: string;
  prompt?: string | undefined;
  max_age?: string | undefined;
}

/** What a request asks a person for, given what they have allowed its client before. */
export interface ConsentNeed {
  /**
   * Why the page must be shown: `consent` for something that the person has not allowed, `interaction` for clients and
   * requests that always need a person, `account` to choose an account. Undefined if the request can be answered
   * without a page.
   */
  asks: 'consent' | 'interaction' | 'account' | undefined;
  /** What the page asks for. */
  shown: RequestedAccess;
  /** What the person has allowed before, which is granted without asking. */
  before: RequestedAccess;
  /** The names of scopes that the person can untick. */
  optional: ReadonlySet<string>;
  /** Those that they unticked before. */
  declined: ReadonlySet<string>;
  /** Whether the decision is remembered. */
  isRemembered: boolean;
}

/**
 * Decides whether a person must be asked (OpenID Connect Core §3.1.2.4). Not for what they have allowed the client
 * before, and not for a first-party client, for which an administrator has decided.
 *
 * These always ask, also for first-party clients: `prompt=consent`; authorization details (RFC 9396), which are about
 * single objects; scopes of Writ's own API that are for administrators; and public native clients whose redirect URI
 * any program on the device can claim (RFC 8252 §8.6). Such a client, or one with `prompt=consent`, that comes back for one
 * more scope asks for that one: the page shows what the person has allowed before apart.
 */
export function consentNeed(
  {
    client,
    requested,
    params,
    askedAt,
    apiResource,
  }: {
    client: Client;
    requested: RequestedAccess;
    params: PromptParameters;
    /** When the request arrived, in fractional seconds since the epoch. */
    askedAt: number;
    apiResource: string;
  },
  {
    remembered,
    signedInAt,
  }: { remembered: readonly RememberedScopes[]; signedInAt: Date | undefined },
): ConsentNeed {
  const { metadata } = client;
  const isFirstParty = metadata['first_party'] === true;
  const optional = new Set((metadata['optional_scopes'] as string[] | undefined) ?? []);
  const prompts = scopeTokens(params.prompt);
  const standsAlone =
    requested.isEmpty ||
    requested.authorizationDetails.length > 0 ||
    neededScopes(requested, apiResource) !== undefined;
  const interaction = standsAlone || isImpersonable(metadata, params.redirect_uri);
  const always = interaction || prompts.includes('consent');

  const rows = new Map(remembered.map((row) => [row.resource, row]));
  const known = (resource: string, name: string, list: 'scopes' | 'declined'): boolean =>
    rows.get(resource)?.[list].includes(name) ?? false;
  const isDeclined = (resource: string, name: string) =>
    optional.has(name) && known(resource, name, 'declined');
  const isAllowed = (resource: string, name: string) =>
    isFirstParty || known(resource, name, 'scopes');

  const isKnown = (resource: string) => isFirstParty || rows.has(resource);
  /** With a page in any case, the person can also change their mind about what is optional. */
  const isOpen = (name: string) => always && optional.has(name);

  const isNew = (resource: string, name: string) =>
    !isAllowed(resource, name) && !isDeclined(resource, name);
  const isAsked = (resource: string, names: string[]) => names.length > 0 || !isKnown(resource);
  const added = keep(requested, isNew, isAsked);
  const asksForMore = openIdScopesOf(added).length > 0 || added.resources.length > 0;
  // A page that is shown in any case asks for everything, unless there is something new.
  const all = always && (standsAlone || !asksForMore);
  const before = all
    ? keep(requested, () => false)
    : keep(
        requested,
        (resource, name) =>
          isAllowed(resource, name) && !isDeclined(resource, name) && !isOpen(name),
        isKnown,
      );
  const shown = all
    ? requested
    : keep(requested, (resource, name) => isNew(resource, name) || isOpen(name), isAsked);
  const isChosen = signedInAt !== undefined && signedInAt.getTime() / 1000 >= askedAt;
  const asksAccount = prompts.includes('select_account') && !isChosen;
  return {
    asks: interaction
      ? 'interaction'
      : always || asksForMore
        ? 'consent'
        : asksAccount
          ? 'account'
          : undefined,
    shown,
    before,
    optional,
    declined: new Set(
      [...optional].filter((name) => remembered.some(({ declined }) => declined.includes(name))),
    ),
    isRemembered: !standsAlone,
  };
}

/** The access with only those scopes and resources. */
const keep = (
  requested: RequestedAccess,
  isKept: (resource: string, name: string) => boolean,
  isResourceKept: (resource: string, names: string[]) => boolean = () => false,
): RequestedAccess => ({
  ...requested,
  openIdScope: requested.openIdScope.filter((name) => isKept('', name)),
  claims: requested.claims.filter((name) => isKept('', scopeOfClaim(name) ?? name)),
  resources: requested.resources.flatMap(({ resource, names }) => {
    const kept = names.filter((name) => isKept(resource.identifier, name));
    return kept.length > 0 || isResourceKept(resource.identifier, kept)
      ? [{ resource, names: kept }]
      : [];
  }),
});

/**
 * Whether another program could take the place of the client: it has no credentials, and any program on the device can
 * receive what is sent to its redirect URI. Websites that were registered long ago can have one on localhost as well.
 */
const isImpersonable = (metadata: Record<string, unknown>, redirectUri: string): boolean =>
  isPublic(metadata) && !redirectUri.startsWith('https:');

/** What a person has allowed: what they have allowed before and what the page showed, without what they unticked. */
export const chosenAccess = (
  { shown, before, optional }: ConsentNeed,
  unticked: readonly string[] = [],
): { access: RequestedAccess; declined: string[] } => {
  const declined = unticked.filter((name) => optional.has(name));
  const chosen = keep(
    shown,
    (_resource, name) => !declined.includes(name),
    () => true,
  );
  const names = new Map(
    before.resources.map(({ resource, names }) => [resource.identifier, names]),
  );
  return {
    access: {
      ...shown,
      openIdScope: [...before.openIdScope, ...chosen.openIdScope],
      claims: [...before.claims, ...chosen.claims],
      resources: [
        ...before.resources.filter(
          ({ resource }) =>
            !chosen.resources.some((each) => each.resource.identifier === resource.identifier),
        ),
        ...chosen.resources.map(({ resource, names: added }) => ({
          resource,
          names: [...(names.get(resource.identifier) ?? []), ...added],
        })),
      ],
    },
    declined,
  };
};

/** What to remember of a decision on the page: the allowed and the declined scopes of each resource. */
export const remembers = (access: RequestedAccess, shown: RequestedAccess, declined: string[]) =>
  [
    { resource: '', scopes: openIdScopesOf(access), asked: openIdScopesOf(shown) },
    ...access.resources.map(({ resource, names }) => ({
      resource: resource.identifier,
      scopes: names,
      asked:
        shown.resources.find((each) => each.resource.identifier === resource.identifier)?.names ??
        [],
    })),
  ]
    .filter(
      ({ resource, scopes, asked }) => resource !== '' || scopes.length > 0 || asked.length > 0,
    )
    .map(
      ({ resource, scopes, asked }): RememberedScopes => ({
        resource,
        scopes,
        declined: asked.filter((name) => declined.includes(name)),
      }),
    );

/** The decisions that access rests on which is granted without asking: none for a first-party client. */
export const restingOn = ({ metadata }: Client, access: RequestedAccess): RememberedScopes[] =>
  metadata['first_party'] === true ? [] : remembers(access, access, []);

/**
 * The earliest acceptable sign-in: for `prompt=login` the arrival of the request, as for `prompt=create` (Initiating User
 * Registration §4.1), since a new person signs in after it; for `max_age` that many seconds ago (OpenID Connect Core
 * §3.1.2.1). A sign-in after the arrival of the request always satisfies `max_age`, and a
 * `max_age` that reaches back before the epoch accepts every sign-in.
 */
export function signInAfter(
  { prompt, max_age }: Omit<PromptParameters, 'redirect_uri'>,
  askedAt: number,
): Date | undefined {
  if (scopeTokens(prompt).some((value) => value === 'login' || value === 'create'))
    return new Date(askedAt * 1000);
  if (max_age === undefined) return undefined;
  const oldest = Math.max(0, Date.now() / 1000 - Number(max_age));
  return new Date(Math.min(askedAt, oldest) * 1000);
}
