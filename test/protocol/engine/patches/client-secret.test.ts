import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Provider } from 'oidc-provider';
import type { Client } from '../../../../src/domain/clients/lookup.ts';
import { patchClientSecret } from '../../../../src/protocol/engine/patches/client-secret.ts';
import { stockProvider } from './support.ts';

const secret = 'the secret of a test';

/** The status of the token endpoint for a client with a secret. */
async function statusFor(provider: Provider, presented: string): Promise<number> {
  const server = createServer(provider.callback()).listen(0);
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { status } = await fetch(`http://localhost:${port}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`confidential:${encodeURIComponent(presented)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return status;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('Client.prototype.compareClientSecret', () => {
  it('of the engine compares with the secret of the metadata, in clear text', async () => {
    const { provider } = await stockProvider();
    expect(provider.Client.prototype.compareClientSecret).toHaveLength(1);
    const client = await provider.Client.find('confidential');
    expect(client?.clientSecret).toBe(secret);
    expect(await client?.compareClientSecret(secret)).toBe(true);
    expect(await client?.compareClientSecret(`${secret}!`)).toBe(false);
  });

  it('of Writ is called with the presented secret, and its result is awaited', async () => {
    const { provider } = await stockProvider();
    const asked: unknown[] = [];
    const stored = { clientId: 'confidential' } as Client;
    patchClientSecret(provider, {
      clientOf: async () => stored,
      secrets: {
        matches: async (client: Client, presented: string) => {
          asked.push([client, presented]);
          return presented === 'another one';
        },
      } as never,
    });
    expect(await statusFor(provider, secret)).toBe(401);
    expect(await statusFor(provider, 'another one')).toBe(200);
    expect(asked).toEqual([
      [stored, secret],
      [stored, 'another one'],
    ]);
  });

  it('of Writ refuses a client that is no longer stored', async () => {
    const { provider } = await stockProvider();
    patchClientSecret(provider, {
      clientOf: async () => undefined,
      secrets: { matches: async () => true } as never,
    });
    expect(await statusFor(provider, secret)).toBe(401);
  });
});
