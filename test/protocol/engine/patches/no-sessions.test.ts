import { describe, expect, it } from '@jest/globals';
import type { Provider } from 'oidc-provider';
import { modelsOf } from '../../../../src/protocol/engine/models.ts';
import { patchNoSessions } from '../../../../src/protocol/engine/patches/no-sessions.ts';
import { stockProvider } from './support.ts';

/** Gets the session of a request with the cookie `a session`, and the entities of its context. */
async function sessionOf(provider: Provider) {
  const { OIDCContext } = provider as unknown as { OIDCContext: { prototype: object } };
  const entities: Record<string, unknown> = {};
  const oidc = Object.create(OIDCContext.prototype, {
    entity: { value: (name: string, value: unknown) => Object.assign(entities, { [name]: value }) },
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
    patchNoSessions(provider);
    const { session, entities } = await sessionOf(provider);
    expect(calls).toEqual([]);
    expect(session).toBeInstanceOf(provider.Session);
    expect(session).toHaveProperty('destroyed', true);
    expect(session).toHaveProperty('new', true);
    expect(entities['Session']).toBe(session);
  });
});
