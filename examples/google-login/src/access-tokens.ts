/** The Access Tokens API, as Writ answers it. */

export interface Writ {
  /** The address of Writ. */
  url: string;
  /** It can create tokens: it stays in this process. */
  apiKey: string;
}

/** What the API answers. */
export interface AccessToken {
  accessTokenId: number;
  token: string;
  userId: string;
  name: string;
  attributes: Record<string, unknown> | null;
  expiresAt: string | null;
  createdAt: string;
}

/** Creates a token for a user, for a day. */
export async function createAccessToken(
  { url, apiKey }: Writ,
  { userId, attributes }: { userId: string; attributes: Record<string, unknown> },
): Promise<AccessToken> {
  const response = await fetch(`${url}/v2/tokens`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      name: 'google-login',
      userId,
      attributes,
      expiresAt: new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString(),
    }),
  });
  if (!response.ok) throw new Error(`No token was created: ${await response.text()}`);
  const { data } = (await response.json()) as { data: AccessToken };
  return data;
}

/** Revokes a token by itself. One that has ended is as good. */
export async function revokeAccessToken({ url }: Pick<Writ, 'url'>, token: string): Promise<void> {
  const response = await fetch(`${url}/v2/tokens`, {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${token}` },
  });
  if (!response.ok && response.status !== 401)
    throw new Error(`The token was not revoked: ${await response.text()}`);
}
