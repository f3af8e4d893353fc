import { describe, expect, it } from '@jest/globals';
import type { Provider } from 'oidc-provider';
import { modelsOf } from '../../../../src/protocol/engine/models.ts';
import { patchNoSessions } from '../../../../src/protocol/engine/patches/no-sessions.ts';
import { stockProvider } from './support.ts';

/** Gets the session of a request with the cookie `a session`, and the entities of its context. */
async function sessionOf(provider: Provider, route = 'authorization') {
  const { OIDCContext } = provider as unknown as { OIDCContext: { prototype: object } };
  const entities: Record<string, unknown> = {};
  const oidc = Object.create(OIDCContext.prototype, {
    entity: { value: (name: string, value: unknown) => Object.assign(entities, { [name]: value }) },
    route: { value: route },
    cookies: { value: { get: () => 'a session', secure: false } },
  });
  const session = await modelsOf(provider).Session.get({ oidc, secure: false } as never);
  return { session, entities };
}

describe('Session.get', () => {
  it('of the engine looks the cookie up in the store', async () => {
    const { provider, calls } = await stockProvider();
    expect(modelsOf(provider).Session.get).toHaveLength(1);
    const { session, entities } = await sessionOf(provider);
    expect(calls).toEqual([['find', 'Session', 'a session']]);
    expect(session).not.toHaveProperty('destroyed');
    expect(entities['Session']).toBe(session);
  });

  it('of Writ reads no store; its session is new and counts as destroyed', async () => {
    const { provider, calls } = await stockProvider();
    patchNoSessions(provider, { browserSession: async () => undefined });
    const { session, entities } = await sessionOf(provider);
    expect(calls).toEqual([]);
    expect(session).toBeInstanceOf(provider.Session);
    expect(session).toHaveProperty('destroyed', true);
    expect(session).toHaveProperty('new', true);
    expect(entities['Session']).toBe(session);
    expect(session).not.toHaveProperty('accountId');
  });

  const signedIn = {
    id: 'a session of Writ',
    accountId: 'an account',
    signedInAt: new Date(1_700_000_000_900),
    factorAt: null,
    hasFactor: false,
    mustEnrol: false,
    amr: ['pwd'],
  };

  it('of Writ has the account, the time of the sign-in and its method of the session at Writ', async () => {
    const { provider, calls } = await stockProvider();
    patchNoSessions(provider, { browserSession: async () => signedIn });
    const { session } = await sessionOf(provider);
    expect({ ...session }).toEqual(
      expect.objectContaining({
        uid: 'a session of Writ',
        accountId: 'an account',
        loginTs: 1_700_000_000,
        amr: ['pwd'],
      }),
    );
    expect(calls).toEqual([]);
  });

  it('of Writ has the class of two factors once a second one was proven', async () => {
    const { provider } = await stockProvider();
    const amr = ['pwd', 'otp', 'mfa'];
    patchNoSessions(provider, {
      browserSession: async () => ({ ...signedIn, amr, hasFactor: true, factorAt: new Date() }),
    });
    expect({ ...(await sessionOf(provider)).session }).toMatchObject({ acr: '2', amr });
  });

  it('of Writ leaves the account of a resumed request to its decision', async () => {
    const { provider } = await stockProvider();
    patchNoSessions(provider, { browserSession: async () => signedIn });
    const { session } = await sessionOf(provider, 'resume');
    expect(session).toHaveProperty('uid', 'a session of Writ');
    expect(session).not.toHaveProperty('accountId');
  });
});
