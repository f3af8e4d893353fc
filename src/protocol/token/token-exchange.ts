/**
 * TOKEN EXCHANGE (RFC 8693): a client presents a token and gets one of its own for the same subject, which it acts for. The new
 * token never has a scope, a resource, a right or a second that the presented one does not have, and ends with it.
 */
import {
  errors,
  type KoaContextWithOIDC,
  type Provider,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import { exchangeLimits } from '../../../config/tokens.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { CountedEvents } from '../../domain/audit/counted-events.ts';
import { thumbprintOf } from '../../domain/clients/certificates.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import type { Delegations } from '../../domain/delegations/delegations.ts';
import { canExchange } from '../../domain/delegations/rules.ts';
import type { Grant } from '../../domain/grants/grants.ts';
import type { Workloads } from '../../domain/issuers/workloads.ts';
import { areWithin } from '../../domain/resources/details.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { distinctSources, type Source } from '../../domain/tokens/sources.ts';
import { type Actors, actorsIn, mayActAs, withActor } from '../../oauth/actors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { tokenTypes } from '../../oauth/token-types.ts';
import { forEngine, invalidScope } from '../engine/errors.ts';
import { type EngineClient, engineClientOf, modelsOf } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import type { IssueIdJag } from './id-jag-issuing.ts';
import { requireOtherResource, useIssued } from './issued-token.ts';
import {
  type PresentedParameter,
  type PresentedToken,
  type ReadPresented,
  refusedToken,
} from './presented-token.ts';
import { refusedDetailsType, refusedScope } from './refusals.ts';
import type { ResourcePolicy } from './resource.ts';
import { bindToken, type ReadProof, requireProof, type TokenProof } from './token-proof.ts';

interface Dependencies {
  provider: Provider;
  issuer: string;
  apiResource: string;
  clients: ClientLookup;
  resources: Pick<Resources, 'find' | 'requireDetails'>;
  resourcePolicy: ResourcePolicy;
  delegations: Pick<Delegations, 'grantFor'>;
  read: ReadPresented;
  readProof: ReadProof;
  issueIdJag: IssueIdJag;
  workloads: Pick<Workloads, 'requireCurrent'>;
  issuerUses: Pick<CountedEvents, 'note'>;
}

/** The parameters of RFC 8693 §2.1 besides `grant_type`. `authorization_details` are read by the transaction. */
const parameters = [
  'resource',
  'audience',
  'scope',
  'requested_token_type',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
] as const;

type Parameters = Partial<Record<(typeof parameters)[number], string | string[]>>;

/** Registers the grant at the token endpoint. */
export function registerTokenExchange(dependencies: Dependencies): void {
  const { read, readProof, issueIdJag } = dependencies;
  dependencies.provider.registerGrantType<Parameters>(
    grantTypes.tokenExchange,
    async (ctx) => {
      const client = engineClientOf(ctx);
      if (!client) throw new errors.InvalidClient('client not found');
      const request = requestOf(ctx);
      if (!requestedTypes.includes(request.type))
        throw new errors.InvalidRequest(
          `requested_token_type must be one of ${requestedTypes.join(', ')}`,
        );
      if (request.type === tokenTypes.idJag && request.actor)
        throw new errors.InvalidRequest('actor_token is not supported for an ID-JAG');
      const readAs = (parameter: PresentedParameter, { token, type }: ExchangeRequest['subject']) =>
        forEngine(() => read(token, { parameter, type, clientId: client.clientId }));
      const [subject, actor, proof] = await Promise.all([
        readAs('subject_token', request.subject),
        request.actor && readAs('actor_token', request.actor),
        readProof(ctx),
      ]);
      if (!subject) throw refusedToken('subject_token', notActive('subject_token_type'));
      if (request.actor && !actor) throw refusedToken('actor_token', notActive('actor_token_type'));
      requireUsable('subject_token', subject, client, proof);
      if (actor) requireUsable('actor_token', actor, client, proof);
      if (request.type === tokenTypes.idJag) {
        const { audiences, resources, scope: scopes } = request;
        const asked = { subjectType: request.subject.type, audiences, resources, scopes };
        await issueIdJag(ctx, { client, subject, ...asked, jkt: proof.jkt });
        return;
      }
      await issueAccessToken(ctx, { client, request, subject, actor, proof }, dependencies);
    },
    parameters,
    ['resource', 'audience'],
  );
}

const requestedTypes: readonly string[] = [
  tokenTypes.accessToken,
  tokenTypes.jwt,
  tokenTypes.idJag,
];

const notActive = (type: string): string =>
  `is not an active token of the type in ${type}, or not one that can be exchanged`;

interface ExchangeRequest {
  subject: { token: string; type: string };
  actor: { token: string; type: string } | undefined;
  /** The `requested_token_type`. */
  type: string;
  /** What `resource` and `audience` name. */
  resources: string[];
  audiences: string[];
  scope: string[];
}

/** Reads the parameters. Throws `invalid_request`. */
function requestOf({ oidc: { params } }: TokenEndpointGrantContext<Parameters>): ExchangeRequest {
  const one = (name: (typeof parameters)[number]): string | undefined =>
    params[name] as string | undefined;
  const [token, type] = [one('subject_token'), one('subject_token_type')];
  if (!token || !type)
    throw new errors.InvalidRequest('subject_token and subject_token_type are required');
  const [actorToken, actorType] = [one('actor_token'), one('actor_token_type')];
  if ((actorToken === undefined) !== (actorType === undefined))
    throw new errors.InvalidRequest('actor_token and actor_token_type must be sent together');
  const every = (name: 'resource' | 'audience'): string[] => [
    ...new Set([params[name] ?? []].flat()),
  ];
  return {
    subject: { token, type },
    actor: actorToken && actorType ? { token: actorToken, type: actorType } : undefined,
    type: one('requested_token_type') ?? tokenTypes.accessToken,
    resources: every('resource'),
    audiences: every('audience'),
    scope: [...new Set(scopeTokens(one('scope')))],
  };
}

/** Throws unless the client of the request can present the token, with the proof that it is bound to. */
function requireUsable(
  parameter: 'subject_token' | 'actor_token',
  token: PresentedToken,
  client: EngineClient,
  proof: TokenProof,
): void {
  if (token.isForClientOnly && token.client.clientId !== client.clientId)
    throw refusedToken(parameter, 'was issued to another client');
  if (token.certificate !== undefined && token.certificate !== thumbprintIn(proof))
    throw refusedToken(parameter, 'is bound to a certificate; send it with that certificate');
  if (token.jkt !== undefined && token.jkt !== proof.jkt)
    throw new errors.InvalidDpopProof(
      `the ${parameter} is bound to a key; send a DPoP proof of that key`,
    );
}

function thumbprintIn({ certificate }: TokenProof): string | undefined {
  const given = certificate();
  return given && thumbprintOf(given);
}

async function issueAccessToken(
  ctx: KoaContextWithOIDC,
  {
    client,
    request,
    subject,
    actor,
    proof,
  }: {
    client: EngineClient;
    request: ExchangeRequest;
    subject: PresentedToken;
    actor: PresentedToken | undefined;
    proof: TokenProof;
  },
  dependencies: Dependencies,
): Promise<void> {
  const { provider, resourcePolicy } = dependencies;
  const scope = currentScope();
  const work = scope?.work;
  if (!scope || !work) throw new Error('no request scope');
  requireProof(client, proof);

  const act = actorsOf(client, subject, actor, dependencies.issuer);
  if (!canExchange(scope.clients.get(client.clientId)?.app ?? null, subject))
    throw refusedToken(
      'subject_token',
      'clients of an app can exchange only tokens that were issued to clients of that app',
    );
  const sources = sourcesFor(subject, actor);
  const resource = await targetOf(ctx, request, subject, client, resourcePolicy);
  if (subject.issued) requireOtherResource(resource, dependencies.apiResource);
  const info = await resourcePolicy.resourceServer(resource, client, { isTokenRequest: true });
  if (request.type === tokenTypes.jwt && info.accessTokenFormat !== 'jwt')
    throw new errors.InvalidRequest(
      'requested_token_type: tokens for this resource are not JWTs; leave it out',
    );
  const names = scopeFor(request, subject, scopeTokens(info.scope), {
    client,
    resource,
    apiResource: dependencies.apiResource,
  });
  work.details = await detailsFor(work.details, subject, client, resource, dependencies);
  const now = Math.floor(Date.now() / 1000);
  const exp = Math.floor(
    Math.min(
      now + (info.accessTokenTTL ?? Number.POSITIVE_INFINITY),
      subject.expiresAt ?? Number.POSITIVE_INFINITY,
      actor?.expiresAt ?? Number.POSITIVE_INFINITY,
      now + lifetimeOf(subject),
      now + lifetimeOf(actor),
    ),
  );
  if (exp <= now) throw refusedToken('subject_token', 'expires now');

  // Only now: a request that is refused creates no account, and uses nothing up.
  const { issued } = subject;
  const account = issued ? await forEngine(() => issued.account()) : subject.account;
  const accountId = issued ? account?.id : subject.accountId;
  const { grant, others } = await grantFor(client, { ...subject, accountId }, actor, dependencies);
  if (grant) scope.grants.set(grant.id, grant);
  if (account) scope.accounts.set(account.id, account);
  work.exchange = {
    act,
    may_act: subject.mayAct,
    sub: accountId === undefined ? subOf(subject) : undefined,
    roles: issued?.workload.rule.roles ?? undefined,
    login: subject.login,
    sources: distinctSources([...sources, ...others]),
    limitedBy: subject.limitedBy,
  };

  const { AccessToken, ClientCredentials, ResourceServer } = modelsOf(provider);
  const given = {
    client,
    resourceServer: new ResourceServer(resource, info),
    scope: names.join(' ') || undefined,
    expiresIn: exp - now,
  };
  const token =
    accountId === undefined
      ? new ClientCredentials(given)
      : new AccessToken({ ...given, accountId, grantId: grant?.id });
  token.exp = exp;
  bindToken(token, client, proof, actor ? [subject, actor] : [subject]);
  const value = await token.save();
  await useIssued([subject, actor], dependencies.workloads);
  await noteIssued(client, [subject, actor], accountId, dependencies);
  ctx.body = {
    access_token: value,
    issued_token_type: request.type,
    token_type: token.tokenType,
    expires_in: exp - now,
    ...(names.length > 0 && { scope: names.join(' ') }),
  };
}

/**
 * The actors of the new token. The client acts, or the subject of the actor token; a client that is allowed to impersonate
 * adds no actor unless it presents an actor token. Throws if `may_act` names someone else (RFC 8693 §4.4), or the chain
 * becomes too long.
 */
function actorsOf(
  client: EngineClient,
  subject: PresentedToken,
  actor: PresentedToken | undefined,
  issuer: string,
): Actors | undefined {
  if (actor?.act)
    throw refusedToken('actor_token', 'was itself exchanged; present a token of the actor itself');
  const party = actor?.party ?? { sub: client.clientId };
  if (
    subject.mayAct &&
    !mayActAs(subject.mayAct, {
      iss: issuer,
      ...party,
      client_id: clientOfActor(client, actor),
    })
  )
    throw refusedToken('subject_token', 'its may_act does not name this actor');
  const impersonates = !actor && client.token_exchange_impersonation === true;
  const isSubject = party.sub === subject.party.sub && party.iss === subject.party.iss;
  const act = impersonates || isSubject ? subject.act : withActor(subject.act, party);
  if (actorsIn(act).length > exchangeLimits.actors)
    throw refusedToken(
      'subject_token',
      `its chain of actors would be longer than ${exchangeLimits.actors}`,
    );
  return act;
}

/** The `client_id` of the one who acts, if that is a client. */
function clientOfActor(
  client: EngineClient,
  actor: PresentedToken | undefined,
): string | undefined {
  if (actor?.issued) return undefined;
  return actor && !actor.accountId ? actor.client.clientId : client.clientId;
}

/** Seconds that tokens of its issuer are exchanged for, at most. */
const lifetimeOf = (token: PresentedToken | undefined): number =>
  token?.issued?.workload.issuer.token_lifetime ?? Number.POSITIVE_INFINITY;

/** The `sub` of a token that is for no account. It names the issuer of a subject of another one. */
const subOf = ({ party: { iss, sub } }: PresentedToken): string =>
  iss === undefined ? sub : `${iss}|${sub}`;

/** Records for the audit that tokens of trusted issuers were exchanged. */
async function noteIssued(
  client: EngineClient,
  tokens: readonly (PresentedToken | undefined)[],
  accountId: string | undefined,
  { issuerUses }: Pick<Dependencies, 'issuerUses'>,
): Promise<void> {
  for (const token of tokens)
    if (token?.issued) {
      const { issuer, rule, subject: sub } = token.issued.workload;
      await forEngine(() =>
        actingAs({ kind: 'client', id: client.clientId }, () =>
          issuerUses.note({
            action: 'trusted_issuer.used',
            target: { kind: 'client', id: client.clientId },
            details: {
              issuer: issuer.id,
              rule: rule.name,
              sub,
              ...(accountId !== undefined && { account_id: accountId }),
            },
          }),
        ),
      );
    }
}

function sourcesFor(subject: PresentedToken, actor: PresentedToken | undefined): Source[] {
  const ofActor = (actor?.sources ?? []).map(
    (source): Source => ('token' in source ? { ...source, limits: false } : source),
  );
  const sources = distinctSources([...subject.sources, ...ofActor]);
  if (sources.length > exchangeLimits.sources)
    throw refusedToken(
      'subject_token',
      `it was exchanged too often; a token comes from at most ${exchangeLimits.sources} others`,
    );
  return sources;
}

/**
 * The resource of the new token: one that the subject token is for. A token of a trusted issuer names none, so it is one of the
 * client's. Throws `invalid_target` (RFC 8693 §2.2.2).
 */
async function targetOf(
  ctx: KoaContextWithOIDC,
  { resources: named, audiences }: ExchangeRequest,
  { resources }: PresentedToken,
  client: EngineClient,
  resourcePolicy: ResourcePolicy,
): Promise<string> {
  const [target, ...others] = new Set([...named, ...audiences]);
  if (others.length > 0)
    throw new errors.InvalidTarget('name one resource, in resource or audience');
  if (resources === undefined) {
    const chosen = target ?? (await resourcePolicy.defaultResource(ctx, client));
    if (typeof chosen === 'string') return chosen;
    throw new errors.InvalidTarget('Name a resource.');
  }
  if (target !== undefined) {
    if (resources.includes(target)) return target;
    throw new errors.InvalidTarget('The subject token is not for this resource.');
  }
  const [only, ...more] = resources;
  if (only === undefined) throw new errors.InvalidTarget('The subject token is for no resource.');
  if (more.length > 0)
    throw new errors.InvalidTarget(
      'The subject token is for several resources; name one in resource or audience.',
    );
  return only;
}

/** The scope that is asked for, or all that the subject token, the client and the resource share. */
function scopeFor(
  { scope: requested }: ExchangeRequest,
  subject: PresentedToken,
  ofClient: readonly string[],
  {
    client,
    resource,
    apiResource,
  }: { client: EngineClient; resource: string; apiResource: string },
): string[] {
  const ofSubject = subject.scopeAt(resource);
  const isOfSubject = (name: string) => ofSubject === undefined || ofSubject.includes(name);
  if (requested.length === 0) return ofClient.filter(isOfSubject);
  const beyondSubject = requested.filter((name) => !isOfSubject(name));
  if (beyondSubject.length > 0)
    throw invalidScope('The subject token does not have all of this scope.', beyondSubject);
  const beyondClient = requested.filter((name) => !ofClient.includes(name));
  if (beyondClient.length > 0)
    throw refusedScope(beyondClient, {
      client,
      resources: [resource],
      apiResource,
      isTokenRequest: true,
    });
  return requested;
}

/**
 * The authorization details of the new token: those of the request, which must be within the subject token's, or all of
 * those. A token without details gives none. Throws `invalid_authorization_details` (RFC 9396 §5).
 */
async function detailsFor(
  requested: readonly AuthorizationDetail[] | undefined,
  subject: PresentedToken,
  client: EngineClient,
  resource: string,
  { resources }: Pick<Dependencies, 'resources'>,
): Promise<readonly AuthorizationDetail[] | undefined> {
  const details = requested ?? subject.details;
  if (!details) return undefined;
  if (requested && !areWithin(requested, subject.details ?? []))
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must not go beyond those of the subject token',
    );
  const types = client.allowed_details_types;
  const refused = types && details.find(({ type }) => !types.includes(type));
  if (refused) throw refusedDetailsType(client, refused.type);
  if (requested)
    await forEngine(async () => {
      const known = currentScope()?.resources.get(resource) ?? (await resources.find(resource));
      if (known) resources.requireDetails(known, requested);
    });
  return details;
}

/**
 * The grant of the new token, by which the person can end it: that of the subject token, if the client got that one itself,
 * else that of the delegation to the client. The client of an actor token acts as well: its grant is a source of the new token, so
 * the person can end that one, too. Undefined if no person is concerned. Throws if the person has ended either.
 */
async function grantFor(
  client: EngineClient,
  subject: PresentedToken,
  actor: PresentedToken | undefined,
  { clients, delegations }: Pick<Dependencies, 'clients' | 'delegations'>,
): Promise<{ grant: Grant | undefined; others: Source[] }> {
  const { accountId } = subject;
  if (accountId === undefined) return { grant: undefined, others: [] };
  const grantOf = async (clientId: string): Promise<Grant | undefined> => {
    if (subject.client.clientId === clientId && !subject.issued) return subject.grant;
    return forEngine(async () => {
      const found = currentScope()?.clients.get(clientId) ?? (await clients(clientId));
      if (!found) throw new errors.InvalidRequest('the client that acts is gone');
      const grant = await delegations.grantFor({ accountId, client: found.id }, clientId);
      if (grant === 'ended')
        throw refusedToken(
          'subject_token',
          `the person has ended that ${clientId} acts for them; they can allow it again on the page of their account`,
        );
      return { ...grant, accountId, clientId, payload: {} };
    });
  };
  const grant = await grantOf(client.clientId);
  const acting = actor && clientOfActor(client, actor);
  const other =
    acting === undefined || acting === client.clientId ? undefined : await grantOf(acting);
  return { grant, others: other ? [{ grant: other.id }] : [] };
}
