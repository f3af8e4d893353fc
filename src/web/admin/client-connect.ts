import type { Context } from 'koa';
import {
  adminClientConnect,
  type ClientConnectProps,
} from '../../../views/admin/client-connect.ts';
import { adminClientPath } from '../../../views/admin/clients.ts';
import type { IssueTrialToken, ClientKind as Kind, OpenResource } from '../../domain/apps/types.ts';
import { authenticatesBySecret, isPublic } from '../../domain/clients/client-types.ts';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { isFapi2 } from '../../domain/clients/profiles.ts';
import { clientNotFound } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { type ClientTrials, canBeTried } from '../../domain/clients/trials.ts';
import { apiResource } from '../../domain/installation/installation.ts';
import { limitsOf, scopesFor } from '../../domain/resources/access.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { connectShown, scopeIn } from '../apps/connect-view.ts';
import { checkTokens } from '../apps/snippets/checking.ts';
import { tryForm } from '../framework/forms.ts';
import { kindOf } from './client-words.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  issuer: string;
  registry: Pick<ClientRegistry, 'find'>;
  clientTrials: Pick<ClientTrials, 'authorize'>;
  resources: Pick<Resources, 'page'>;
  issueTrialToken: IssueTrialToken;
}

type Usable = Pick<OpenResource, 'identifier' | 'name' | 'scopes' | 'isDefault'>;

/** The most APIs that the page offers. */
const maxResources = 500;

/** `/admin/clients/{client}/connect`: code that connects a program, and a token to look at. */
export function clientConnectPages(
  { page, form: formAt }: Console,
  { issuer, registry, clientTrials, resources, issueTrialToken }: Dependencies,
): void {
  const path = '/admin/clients/:client/connect';
  const idOf = (ctx: Context) => String(ctx['params']['client']);
  const back = (ctx: Context) => adminClientPath(idOf(ctx), '/connect');

  const found = async (ctx: Context): Promise<ClientDescription> => {
    const client = await registry.find(idOf(ctx));
    if (!client) throw clientNotFound(idOf(ctx));
    return client;
  };

  /** The APIs that the client can get tokens for, the default one first, each with the scopes that it can request. */
  const usableBy = async (client: ClientDescription): Promise<Usable[]> => {
    const limits = limitsOf({ ...client, clientId: client.client_id });
    const all = await resources.page({ limit: maxResources });
    return all
      .flatMap((resource) => {
        const names = scopesFor(resource, limits, apiResource(issuer));
        if (!names) return [];
        const { scopes, ...rest } = resource;
        return [{ ...rest, scopes: scopes.filter(({ name }) => names.includes(name)) }];
      })
      .toSorted((one, other) => Number(other.isDefault) - Number(one.isDefault));
  };

  const show = async (
    call: Call,
    wanted: string | null | undefined,
    rest: Pick<ClientConnectProps, 'trial' | 'problem'> = {},
    status = 200,
  ) => {
    const client = await found(call.ctx);
    const { client_id: clientId, metadata, resource_server_for: served } = client;
    const kind = programOf(metadata);
    const usable = kind ? await usableBy(client) : [];
    const resource = usable.find(({ identifier }) => identifier === wanted) ?? usable[0];
    const [checked] = served;
    const redirectUris = (metadata['redirect_uris'] ?? []) as string[];
    const props: ClientConnectProps = {
      client: {
        clientId,
        name: (metadata['client_name'] ?? null) as string | null,
        kindInWords: kindOf(client),
        kind,
        disabledAt: client.disabled_at,
      },
      resources: usable,
      scopes: resource?.scopes ?? [],
      connect:
        kind && resource
          ? connectShown(issuer, { clientId, kind, redirectUris, role: '' }, resource, [])
          : undefined,
      checking: checked ? checkTokens({ issuer, clientId, resource: checked }) : undefined,
      isStrict: isStrict(metadata),
      mayTry: canBeTried(client) && call.actor.scopes.has('clients:write'),
      ...rest,
    };
    await call.show((frame) => adminClientConnect(frame, props), { status, copies: true });
  };

  page(path, 'clients:read', (call) => show(call, queryValue(call.ctx, 'resource')));

  formAt(`${path}/token`, 'clients:write', { back }, (call) =>
    tryForm(
      async () => {
        const { form } = call;
        const client = await found(call.ctx);
        const resource = (await usableBy(client)).find(
          ({ identifier }) => identifier === form['resource'],
        );
        if (!resource)
          throw new OAuthError('invalid_request', 'The client can get no tokens for this API.', {
            parameter: 'resource',
          });
        const scope = scopeIn(form, resource);
        await clientTrials.authorize(call.actor, client.client_id);
        const trial = await issueTrialToken(client.client_id, {
          resource: resource.identifier,
          scope,
        });
        await show(call, resource.identifier, { trial });
      },
      ({ general: problem, status }) => show(call, call.form['resource'], { problem }, status),
    ),
  );
}

/** The kind of program that can use a client, by its first grant; undefined if it gets no tokens. */
function programOf(metadata: Record<string, unknown>): Kind | undefined {
  const grants = (metadata['grant_types'] ?? []) as string[];
  if (grants.includes(grantTypes.authorizationCode)) {
    if (metadata['application_type'] === 'native') return 'native';
    return isPublic(metadata) ? 'website' : 'website_with_server';
  }
  if (grants.includes(grantTypes.deviceCode)) return 'device';
  return grants.includes(grantTypes.clientCredentials) ? 'server' : undefined;
}

/** Whether programs must do more than those of the page do. */
const isStrict = (metadata: Record<string, unknown>): boolean =>
  !(authenticatesBySecret(metadata) || isPublic(metadata)) ||
  metadata['require_pushed_authorization_requests'] === true ||
  metadata['dpop_bound_access_tokens'] === true ||
  metadata['tls_client_certificate_bound_access_tokens'] === true ||
  isFapi2(metadata);
