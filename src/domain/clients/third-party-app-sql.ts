import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { clientIsEnabled } from './sql.ts';

/** A third-party app as everyone can see it. */
export interface ThirdPartyApp {
  clientId: string;
  name: string;
  description: string | null;
  termsUri: string | null;
  logoUri: string | null;
  /** First redirect URI; empty if there is none. */
  redirectUri: string;
  /** Scopes it can request, without `offline_access`. */
  scopes: string[];
  listed: boolean;
  /** Null if no person registered it. */
  author: { id: string; name: string } | null;
  createdAt: Date;
}

/** In the scope of every app: it gets a refresh token and stays connected until a person disconnects it. */
export const offlineAccess = 'offline_access';

/**
 * SQL condition for a client `c` that people can approve for a resource and that has a secret; optionally with a
 * given id.
 */
export const isThirdPartyApp = (resource: string, clientId?: string): RawBuilder<unknown> => sql`
  ${resource} = any (c.resources) and c.metadata->'grant_types' @> ${JSON.stringify([grantTypes.authorizationCode])}::jsonb
  and c.metadata->'redirect_uris'->>0 is not null
  and coalesce(c.metadata->>'token_endpoint_auth_method', '') not in
    ('none', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth')
  and (${clientId ?? null}::text is null or c.client_id = ${clientId ?? null})`;

/** Maximum apps in a list. */
export const maxListedApps = 200;

/** Selects enabled clients `c` that match `where`, newest first, at most `maxListedApps`. */
export async function selectThirdPartyApps(
  connection: Connection,
  where: RawBuilder<unknown>,
): Promise<ThirdPartyApp[]> {
  const { rows } = await sql<
    Omit<ThirdPartyApp, 'scopes' | 'author'> & {
      scope: string | null;
      authorId: string | null;
      authorName: string | null;
    }
  >`
    select c.client_id as "clientId", coalesce(c.metadata->>'client_name', c.client_id) as name, c.description,
      c.metadata->>'tos_uri' as "termsUri", c.metadata->>'logo_uri' as "logoUri",
      coalesce(c.metadata->'redirect_uris'->>0, '') as "redirectUri", c.metadata->>'scope' as scope, c.listed,
      a.id as "authorId", a.name as "authorName", c.created_at as "createdAt"
    from client c left join app p on p.id = c.app_id left join account a on a.id = c.author_id
    where ${where} and ${sql.raw(clientIsEnabled)}
    order by c.created_at desc, c.client_id limit ${maxListedApps}`.execute(connection);
  return rows.map(({ scope, authorId, authorName, ...app }) => ({
    ...app,
    scopes: scopeTokens(scope ?? undefined).filter((name) => name !== offlineAccess),
    author: authorId === null ? null : { id: authorId, name: authorName ?? '' },
  }));
}
