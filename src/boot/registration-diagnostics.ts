/**
 * What is registered and should be looked at: what would be refused today, since a rule came after it and it
 * works as before until it is changed, clients that are
 * excepted from a rule, and JWTs that outlive their revocation.
 */
import { sql } from 'kysely';
import type { Connection } from '../../db/schema.ts';
import { disallowedRedirectUris } from '../domain/clients/redirect-uris.ts';
import { looksLikeAccountId } from '../domain/database/text-checks.ts';
import { hasLongJwts, lifetimeText } from '../domain/resources/long-jwts.ts';
import { problemOfScopeName } from '../domain/resources/scope-names.ts';
import { isPermission } from '../oauth/permissions.ts';
import { type Check, ok, warning } from './check.ts';

/** Rows that are read at a time. */
const pageSize = 1_000;

interface ClientRow {
  client_id: string;
  metadata: Record<string, unknown>;
}

/** Looks at clients, resources and roles for what the rules of today refuse. */
export async function diagnoseRegistrations(kysely: Connection): Promise<Check[]> {
  const ids: string[] = [];
  const uris: string[] = [];
  const audiences: string[] = [];
  const withoutPkce: string[] = [];
  for await (const { client_id: clientId, metadata } of clientsOf(kysely)) {
    if (looksLikeAccountId(clientId)) ids.push(clientId);
    const refused = disallowedRedirectUris(metadata);
    if (refused.length > 0) uris.push(`${clientId} (${refused.join(', ')})`);
    if (metadata['token_endpoint_audience'] === true) audiences.push(clientId);
    if (metadata['require_pkce'] === false) withoutPkce.push(clientId);
  }
  const resources = await kysely
    .selectFrom('resource')
    .select(['identifier', 'scopes', 'token_format', 'access_token_ttl'])
    .execute();
  const scopes = resources.flatMap(({ identifier, scopes: of }) =>
    of
      .filter(({ name }) => problemOfScopeName(name) !== undefined)
      .map(({ name }) => `${name} (${identifier})`),
  );
  const longJwts = resources
    .map(({ identifier, token_format: tokenFormat, access_token_ttl: accessTokenTtl }) => ({
      identifier,
      tokenFormat,
      accessTokenTtl,
    }))
    .filter(hasLongJwts)
    .map((resource) => `${resource.identifier} (${lifetimeText(resource)})`);
  const roles = await kysely
    .selectFrom('role')
    .select(['name', 'permissions'])
    .unionAll(kysely.selectFrom('app_role').select(['name', 'permissions']))
    .execute();
  const permissions = roles.flatMap(({ name, permissions: of }) =>
    of.filter((permission) => !isPermission(permission)).map((wrong) => `${wrong} (${name})`),
  );
  return [
    found('client ids', ids, {
      none: 'No client has an id that reads as the id of a person.',
      some: 'These clients have an id that reads as the id of a person',
      remedy:
        'An API that looks at sub alone takes such a client for a person. Make another client, move its program there, and delete it.',
    }),
    found('redirect URIs', uris, {
      none: 'Every redirect URI is one that could be registered today.',
      some: 'These clients have redirect URIs that could not be registered today',
      remedy:
        'Change them with writ clients update --redirect-uri or on the page of the client: https, or http on this machine for application_type native.',
    }),
    found('assertions', audiences, {
      none: 'The assertions of every client are for the issuer alone.',
      some: 'The assertions of these clients may name the token endpoint, as all could before',
      remedy:
        'Where the program names the issuer as the aud: writ clients update --no-token-endpoint-audience.',
    }),
    found('PKCE', withoutPkce, {
      none: 'Every client that people log in to needs PKCE, or a nonce.',
      some: 'These clients get codes with neither PKCE nor a nonce, as all with a secret could before',
      remedy:
        'Where the program sends a code_challenge: writ clients update --require-pkce. Where it sends a nonce: --clear require-pkce.',
    }),
    found('scopes', scopes, {
      none: 'Every scope of a resource is one name.',
      some: 'These scopes look like lists, which nothing will ever ask for',
      remedy: 'Change them with writ resources update --scope, each scope on its own.',
    }),
    found('JWT lifetimes', longJwts, {
      none: 'No resource has JWTs that live longer than a day.',
      some: 'These resources have JWTs that live longer than a day, and an API that verifies them offline does not see that one was revoked',
      remedy:
        'Let them live shorter (writ resources update --access-token-ttl 1h), or have the API introspect them or follow the change feed (GET /api/v1/changes).',
    }),
    found('permissions', permissions, {
      none: 'Every permission of a role can match.',
      some: 'These permissions of roles match nothing',
      remedy: 'Change them with writ roles set: parts with dots between them, such as things.read.',
    }),
  ];
}

const mostNamed = 5;

function found(
  name: string,
  things: readonly string[],
  { none, some, remedy }: { none: string; some: string; remedy: string },
): Check {
  if (things.length === 0) return ok(name, none);
  const more = things.length > mostNamed ? ` and ${things.length - mostNamed} more` : '';
  return warning(name, `${some}: ${things.slice(0, mostNamed).join(', ')}${more}.`, remedy);
}

/** Every client that is not deleted, in the order of their ids. */
async function* clientsOf(kysely: Connection): AsyncGenerator<ClientRow> {
  for (let after = ''; ; ) {
    const { rows } = await sql<ClientRow>`
      select client_id, jsonb_build_object('application_type', metadata->'application_type',
          'redirect_uris', coalesce(metadata->'redirect_uris', '[]'),
          'token_endpoint_audience', metadata->'token_endpoint_audience',
          'require_pkce', metadata->'require_pkce') as metadata
        from client where deleted_at is null and client_id > ${after} order by client_id limit ${pageSize}`.execute(
      kysely,
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.client_id;
  }
}
