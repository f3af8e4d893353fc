import type { Context } from 'koa';
import {
  type AdminClient,
  adminClient,
  adminClientNew,
  adminClientPath,
  adminClientSecret,
  adminClients,
  type Choice,
  type ClientField,
  type ClientNewProps,
  type ClientProps,
} from '../../../views/admin/clients.ts';
import { authenticatesBySecret } from '../../domain/clients/client-types.ts';
import type { ClientRegistry } from '../../domain/clients/clients.ts';
import { metadataOfKind } from '../../domain/clients/kinds.ts';
import type { ManagedSecrets } from '../../domain/clients/managed-secrets.ts';
import { clientNotFound } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import type { ClientRefusals } from '../../domain/installation/client-refusals.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { readPage } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { parameterError } from '../../oauth/errors.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { linesOf, type Refusal, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { kindOf } from './client-words.ts';
import type { Call, Console } from './console.ts';
import { pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  registry: Pick<
    ClientRegistry,
    'list' | 'find' | 'create' | 'update' | 'disable' | 'enable' | 'delete' | 'revokeTokens'
  >;
  clientSecrets: Pick<ManagedSecrets, 'list' | 'add' | 'delete'>;
  clientRefusals: Pick<ClientRefusals, 'last'>;
  resources: Pick<Resources, 'page'>;
  roles: Pick<Roles, 'page'>;
}

const home = '/admin/clients';

/** The most APIs and roles that a form offers. */
const maxChoices = 500;

/** What the form offers. */
const kinds = [
  {
    value: 'server',
    label: 'Service',
    description: 'A program that calls APIs for itself, with a secret.',
  },
  {
    value: 'website_with_server',
    label: 'Website with a server',
    description: 'People sign in; its server keeps the secret.',
  },
  {
    value: 'website',
    label: 'Website in the browser',
    description: 'People sign in; it has no secret.',
  },
  { value: 'native', label: 'App', description: 'Of a phone or a desktop, without a secret.' },
  {
    value: 'device',
    label: 'Device or command line',
    description: 'It shows a code that people approve in a browser.',
  },
] as const;

const fields: Partial<Record<ClientField, string>> = {
  client_name: 'client_name',
  client_id: 'client_id',
  redirect_uris: 'redirect_uris',
  resources: 'resources',
  roles: 'roles',
  scope: 'scope',
};

const ticked = (form: Readonly<Record<string, string>>, prefix: string): string[] =>
  Object.keys(form).flatMap((name) => (name.startsWith(prefix) ? name.slice(prefix.length) : []));

/** `/admin/clients`: the clients of the installation, and those of apps as far as administrators manage them. */
export function clientPages(
  { page, form: formAt }: Console,
  { registry, clientSecrets, clientRefusals, resources, roles }: Dependencies,
): void {
  const idOf = (ctx: Context) => String(ctx['params']['client']);
  const back = (ctx: Context) => adminClientPath(idOf(ctx));

  const found = async (ctx: Context): Promise<ClientDescription> => {
    const client = await registry.find(idOf(ctx));
    if (!client) throw clientNotFound(idOf(ctx));
    return client;
  };

  /** What a form offers. Without the scope to see the others, only what is chosen already. */
  const choices = async (
    { scopes }: Caller,
    of: Pick<ClientDescription, 'resources' | 'roles'>,
  ): Promise<{ resources: Choice[]; roles: Choice[] }> => {
    const [apis, all] = await Promise.all([
      scopes.has('resources:read')
        ? resources.page({ limit: maxChoices })
        : of.resources.map((identifier) => ({ identifier, name: identifier })),
      scopes.has('roles:read')
        ? roles.page({ limit: maxChoices })
        : of.roles.map((name) => ({ name, description: '' })),
    ]);
    // What is chosen stays chosen, also if there are more than a form offers.
    const otherApis = of.resources.filter((chosen) =>
      apis.every(({ identifier }) => identifier !== chosen),
    );
    const otherRoles = of.roles.filter((chosen) => all.every(({ name }) => name !== chosen));
    return {
      resources: [
        ...apis,
        ...otherApis.map((identifier) => ({ identifier, name: identifier })),
      ].map(({ identifier, name }) => ({
        value: identifier,
        label: name,
        description: identifier,
        checked: of.resources.includes(identifier),
      })),
      roles: [...all, ...otherRoles.map((name) => ({ name, description: '' }))].map(
        ({ name, description }) => ({
          value: name,
          label: name,
          description,
          checked: of.roles.includes(name),
        }),
      ),
    };
  };

  const showNew = async (
    call: Call,
    rest: Omit<ClientNewProps, 'kinds' | 'resources' | 'roles' | 'key'> = {},
    given: Pick<ClientDescription, 'resources' | 'roles'> = { resources: [], roles: [] },
    status = 200,
  ) => {
    const offered = await choices(call.actor, given);
    await call.show(
      (frame) =>
        adminClientNew(frame, { ...rest, ...offered, kinds: [...kinds], key: newFormKey() }),
      { status },
    );
  };

  const show = async (
    call: Call,
    rest: Pick<ClientProps, 'values' | 'problems' | 'problem'> = {},
    given?: Pick<ClientDescription, 'resources' | 'roles'>,
    status = 200,
  ) => {
    const client = await found(call.ctx);
    const keepsSecrets = client.app === null && authenticatesBySecret(client.metadata);
    const [offered, secrets, refusals] = await Promise.all([
      choices(call.actor, given ?? client),
      keepsSecrets ? clientSecrets.list(client.client_id) : null,
      clientRefusals.last([client.client_id]),
    ]);
    const props: ClientProps = {
      ...rest,
      ...offered,
      client: shown(client),
      refusals: refusals.get(client.client_id) ?? [],
      secrets:
        secrets?.map((secret) => ({
          id: secret.id,
          hint: secret.hint,
          createdAt: secret.created_at,
          lastUsedAt: secret.last_used_at,
          expiresAt: secret.expires_at,
        })) ?? null,
      key: newFormKey(),
    };
    await call.show((frame) => adminClient(frame, props), { status });
  };

  page(home, 'clients:read', async (call) => {
    const search = queryValue(call.ctx, 'search')?.trim() || undefined;
    const { items, next } = await readPage(
      pageAsked(call.ctx),
      (asked) => registry.list({ ...asked, search }),
      ({ client_id }) => client_id,
    );
    const pages = pagesAround(call.ctx, home, next, { search });
    await call.show((frame) =>
      adminClients(frame, { clients: items.map(shown), filter: { search }, pages }),
    );
  });

  // `new` comes before the IDs of clients: one with this ID has no page, only the API.
  page(`${home}/new`, 'clients:write', (call) => showNew(call));

  formAt(home, 'clients:write', { back: `${home}/new` }, async (call) => {
    const { form } = call;
    const given = { resources: ticked(form, 'resources:'), roles: ticked(form, 'roles:') };
    await tryForm(
      async () => {
        const kind = kinds.find(({ value }) => value === form['kind']);
        if (!kind) throw parameterError('invalid_request', 'kind', 'must be one of these.');
        const clientId = form['client_id']?.trim();
        const uris = linesOf(form['redirect_uris']);
        const { client, secret } = await registry.create(
          call.actor,
          {
            ...given,
            ...(clientId && { clientId }),
            metadata: {
              ...metadataOfKind[kind.value],
              ...(form['client_name']?.trim() && { client_name: form['client_name'].trim() }),
              ...(uris.length > 0 && { redirect_uris: uris }),
            },
          },
          undefined,
          idempotencyOf(call.person, form),
        );
        await call.show(
          (frame) =>
            adminClientSecret(frame, {
              clientId: client.client_id,
              secret: secret?.value,
              isNew: true,
            }),
          { copies: true },
        );
      },
      ({ problems, general, status }: Refusal<ClientField>) =>
        showNew(call, { values: form, problems, problem: general }, given, status),
      { kind: 'kind', ...fields },
    );
  });

  page(`${home}/:client`, 'clients:read', (call) => show(call));

  formAt(`${home}/:client/settings`, 'clients:write', { back }, async (call) => {
    const { form } = call;
    const given = { resources: ticked(form, 'resources:'), roles: ticked(form, 'roles:') };
    await tryForm(
      async () => {
        const uris = linesOf(form['redirect_uris']);
        const updated = await registry.update(call.actor, idOf(call.ctx), {
          ...given,
          metadata: {
            client_name: form['client_name']?.trim() || null,
            redirect_uris: uris.length > 0 ? uris : null,
            scope: form['scope']?.trim().replaceAll(/\s+/g, ' ') || null,
          },
        });
        if (!updated) throw clientNotFound(idOf(call.ctx));
        seeOther(call.ctx, withNotice(back(call.ctx), 'client_saved'));
      },
      ({ problems, general, status }: Refusal<ClientField>) =>
        show(call, { values: form, problems, problem: general }, given, status),
      fields,
    );
  });

  formAt(`${home}/:client/secrets`, 'clients:write', { back }, (call) =>
    tryForm(
      async () => {
        const clientId = idOf(call.ctx);
        const idempotency = idempotencyOf(call.person, call.form);
        const { value } = await clientSecrets.add(call.actor, clientId, {}, idempotency);
        await call.show(
          (frame) => adminClientSecret(frame, { clientId, secret: value, isNew: false }),
          { copies: true },
        );
      },
      ({ general, status }) => show(call, { problem: general }, undefined, status),
    ),
  );

  /** A form that changes the client, after which a page says so. */
  const change = (
    name: string,
    done: NoticeName,
    run: (call: Call & { form: Record<string, string> }, id: string) => Promise<unknown>,
    next: (ctx: Context) => string = back,
  ) =>
    formAt(`${home}/:client/${name}`, 'clients:write', { back }, (call) =>
      tryForm(
        async () => {
          if ((await run(call, idOf(call.ctx))) === false) throw clientNotFound(idOf(call.ctx));
          seeOther(call.ctx, withNotice(next(call.ctx), done));
        },
        ({ general, status }) => show(call, { problem: general }, undefined, status),
      ),
    );

  change('secrets/revoke', 'secret_deleted', ({ actor, form }, id) =>
    clientSecrets.delete(actor, id, form['secret_id'] ?? '', {
      endTokens: form['end_tokens'] === 'on',
    }),
  );
  change('end-tokens', 'client_tokens_ended', ({ actor }, id) => registry.revokeTokens(actor, id));
  change('disable', 'client_disabled', ({ actor }, id) => registry.disable(actor, id));
  change('enable', 'client_enabled', ({ actor }, id) => registry.enable(actor, id));
  change(
    'delete',
    'client_deleted',
    ({ actor }, id) => registry.delete(actor, id),
    () => home,
  );
}

const authentications: Readonly<Record<string, string>> = {
  none: 'With nothing: it is public',
  client_secret_basic: 'With a secret',
  client_secret_post: 'With a secret, in the form',
  private_key_jwt: 'With a key',
  trusted_issuer: 'With tokens of a trusted issuer',
  tls_client_auth: 'With a certificate, by its name',
  self_signed_tls_client_auth: 'With a certificate of its own',
};

const origins: Readonly<Record<string, string>> = {
  registration: 'It registered itself',
  document: 'Its metadata document describes it',
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

const shown = (client: ClientDescription): AdminClient => {
  const { metadata } = client;
  const method = textOf(metadata['token_endpoint_auth_method']) ?? 'client_secret_basic';
  return {
    clientId: client.client_id,
    name: textOf(metadata['client_name']),
    kind: kindOf(client),
    app: client.app,
    origin: client.origin && (origins[client.origin] ?? client.origin),
    roles: client.roles,
    resources: client.resources,
    resourceServerFor: client.resource_server_for,
    redirectUris: listOf(metadata['redirect_uris']),
    scope: textOf(metadata['scope']),
    authentication: authentications[method] ?? method,
    grantTypes: listOf(metadata['grant_types']),
    disabledAt: client.disabled_at,
    createdAt: client.created_at,
  };
};
