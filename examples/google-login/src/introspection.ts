/** Asks Writ what a token is (RFC 7662). */

export interface ResourceServer {
  writUrl: string;
  clientId: string;
  clientSecret: string;
}

/** A user, as policies know them. */
export interface User {
  user_id: string;
  name: string | null;
  attributes: Record<string, unknown> | null;
  /** Seconds since 1970; null: never. */
  created_at: number;
  expires_at: number | null;
}

/** The resource of SQLite Cloud's tokens. Writ tells a resource server of tokens for its own resources and no others. */
const audience = 'https://sqlitecloud.io';

/** Whose token it is; undefined where it is not valid at this moment. */
export async function introspect(
  { writUrl, clientId, clientSecret }: ResourceServer,
  token: string,
): Promise<User | undefined> {
  const credentials = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const response = await fetch(`${writUrl}/connect/introspect`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ token }),
  });
  if (!response.ok) throw new Error(`Introspection was refused: ${response.status}`);
  const answer = (await response.json()) as {
    active: boolean;
    aud?: string;
    sub: string;
    subject?: { id: string };
    name?: string;
    attributes?: Record<string, unknown>;
    iat: number;
    exp?: number;
  };
  if (!answer.active || answer.aud !== audience) return undefined;
  return {
    user_id: answer.subject?.id ?? answer.sub,
    name: answer.name ?? null,
    attributes: answer.attributes ?? null,
    created_at: answer.iat,
    expires_at: answer.exp ?? null,
  };
}
