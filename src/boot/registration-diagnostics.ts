/**
 * Registrations that need attention: those that would be refused today, since a rule was added later (they work until
 * they are changed), clients with an exception from a rule, and JWTs that outlive their revocation.
 */
import { sql } from 'kysely';
import type { Connection } from '../../db/schema.ts';
import { disallowedRedirectUris } from '../domain/clients/redirect-uris.ts';
import { looksLikeAccountId } from '../domain/database/text-checks.ts';
import { hasLongJwts, lifetimeText } from '../domain/resources/long-jwts.ts';
import { problemOfScopeName } from '../domain/resources/scope-names.ts';
import { isPermission } from '../oauth/permissions.ts';
import { type Check, ok, warning } from './check.ts';

/** Rows per query. */
const pageSize = 1_000;

interface ClientRow {
  client_id: string;
  metadata: Record<string, unknown>;
}

/**
 * Checks clients, resources and roles against the current rules. `unused` are resources that exist only because their
 * dialects were on once or are on by default.
 */
export async function diagnoseRegistrations(
  kysely: Connection,
  unused: readonly string[] = [],
): Promise<Check[]> {
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
  const resources = (
    await kysely
      .selectFrom('resource')
      .select(['identifier', 'scopes', 'token_format', 'access_token_ttl'])
      .execute()
  ).filter(({ identifier }) => !unused.includes(identifier));
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
    found('client IDs', ids, {
      none: 'No client has an ID that looks like the ID of an account.',
      some: 'These clients have an ID that looks like the ID of an account',
      remedy:
        'An API that checks only sub takes such a client for a person. Create another client, move its program there, and delete this one.',
    }),
    found('redirect URIs', uris, {
      none: 'Every redirect URI could be registered today.',
      some: 'These clients have redirect URIs that could not be registered today',
      remedy:
        'Change them with writ clients update --redirect-uri or on the page of the client: https, or http on this machine for application_type native.',
    }),
    found('assertions', audiences, {
      none: 'The assertions of every client name only the issuer.',
      some: 'The assertions of these clients can name the token endpoint, as an earlier version allowed',
      remedy:
        'If the program sends the issuer as aud: writ clients update --no-token-endpoint-audience.',
    }),
    found('PKCE', withoutPkce, {
      none: 'Every client that people sign in to needs PKCE or a nonce.',
      some: 'These clients get codes without PKCE or a nonce, as an earlier version allowed',
      remedy:
        'If the program sends a code_challenge: writ clients update --require-pkce. If it sends a nonce: --clear require-pkce.',
    }),
    found('scopes', scopes, {
      none: 'Every scope of a resource is a single scope.',
      some: 'These scopes look like lists, which no request can match',
      remedy: 'Split them: writ resources update --scope, once for each scope.',
    }),
    found('JWT lifetimes', longJwts, {
      none: 'No resource has JWTs with a lifetime of more than a day.',
      some: 'These resources have JWTs with a lifetime of more than a day, and an API that verifies them offline does not notice a revocation',
      remedy:
        'Shorten it (writ resources update --access-token-ttl 1h), or let the API introspect them or follow the change feed (GET /api/v1/changes).',
    }),
    found('permissions', permissions, {
      none: 'Every permission of a role can match.',
      some: 'These permissions of roles never match',
      remedy: 'Change them with writ roles set: parts separated by dots, such as things.read.',
    }),
  ];
}

const maxNamed = 5;

function found(
  name: string,
  things: readonly string[],
  { none, some, remedy }: { none: string; some: string; remedy: string },
): Check {
  if (things.length === 0) return ok(name, none);
  const more = things.length > maxNamed ? ` and ${things.length - maxNamed} more` : '';
  return warning(name, `${some}: ${things.slice(0, maxNamed).join(', ')}${more}.`, remedy);
}

/** Every client that is not deleted, ordered by ID. */
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
