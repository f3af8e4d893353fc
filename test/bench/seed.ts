import { sql } from 'kysely';
import { lifetimes } from '../../config/lifetimes.ts';
import { loadSettings } from '../../config/settings.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';
import { mintToken, shelfFor } from '../../src/domain/tokens/value.ts';
import { openFoundation } from '../../src/setup.ts';
import { logIn } from '../support/login.ts';
import type { ProcessEnvironment } from '../support/server-process.ts';
import { refreshScope, scope } from './scenario.ts';

interface Wanted {
  resource: string;
  /** Whose access tokens are introspected, and how many there are to be. */
  machine: { clientId: string; tokens: number };
  /** Where people are logged in, and how many are. */
  app: { clientId: string; logins: number };
}

/**
 * Stores tokens as the server would, past its HTTP, so that a million takes a minute. No server may
 * run on an embedded database meanwhile.
 */
export async function seed(
  env: ProcessEnvironment,
  { resource, machine, app }: Wanted,
): Promise<{ accessTokens: string[]; refreshTokens: string[] }> {
  const { database, keyring, close } = await openFoundation(loadSettings(env));
  try {
    const onError = (error: unknown) => {
      throw error;
    };
    const domain = await createDomain({ database, keyring, onError });
    const accessTokens = await issueMany(domain, { ...machine, resource });
    const refreshTokens: string[] = [];
    for (let count = 0; count < app.logins; count++) {
      const login = await logIn({ domain }, app.clientId, { resource, scope: refreshScope });
      refreshTokens.push(login.refreshToken);
    }
    // What autovacuum would do within the minute, and in the middle of a round.
    await sql`vacuum (analyze)`.execute(database.kysely);
    await sql`checkpoint`.execute(database.kysely);
    await domain.lastUsed.close();
    return { accessTokens, refreshTokens };
  } finally {
    await close();
  }
}

async function issueMany(
  domain: Domain,
  { clientId, tokens, resource }: { clientId: string; tokens: number; resource: string },
): Promise<string[]> {
  const client = await domain.clients(clientId);
  if (!client) throw new Error(`there is no client ${clientId}`);
  const now = Math.floor(Date.now() / 1000);
  const expiresAt = now + lifetimes.accessToken;
  const shelf = shelfFor('access_token', now, expiresAt);
  const issueOne = async (): Promise<string> => {
    const { value, id } = mintToken('access_token', shelf);
    await domain.issue.insert({
      id,
      kind: 'access_token',
      client: client.id,
      epochs: { client: client.epoch, app: client.appEpoch, account: 0, grant: 0 },
      scope,
      audience: [resource],
      issuedAt: now,
      expiresAt,
    });
    return value;
  };
  const issued: string[] = [];
  while (issued.length < tokens) {
    const together = Math.min(1_000, tokens - issued.length);
    issued.push(...(await Promise.all(Array.from({ length: together }, issueOne))));
  }
  return issued;
}
