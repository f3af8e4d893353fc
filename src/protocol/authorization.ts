import { errors, interactionPolicy, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { storedClientId } from '../domain/clients/lookup.ts';
import type { PromptDetails } from '../domain/grants/consent/types.ts';
import { consentPath, endpoints } from '../oauth/paths.ts';
import { currentScope } from './engine/request-scope.ts';

const { Check, Prompt } = interactionPolicy;

/** What an answer becomes in the engine's words. */
interface Result {
  consent?: { grantId: string };
}

/**
 * Every request is answered by a person, on our page, each time: nothing is remembered that could answer
 * in their place, so that without a page (`prompt=none`) the answer is `login_required` (OpenID Connect
 * Core §3.1.2.6).
 */
export const interactions = {
  policy: [
    new Prompt(
      { name: 'login', requestable: true },
      (): PromptDetails => ({ asked_at: Date.now() / 1000 }),
      new Check('unanswered', 'a person has to answer', 'login_required', ({ oidc }) => {
        const { consent } = (oidc.result ?? {}) as Result;
        if (!consent) return Check.REQUEST_PROMPT;
        const grant = oidc.entities.Grant as { jti?: string } | undefined;
        if (!oidc.entities.Account || grant?.jti !== consent.grantId)
          throw new errors.AccessDenied('what was allowed has ended since');
        return Check.NO_NEED_TO_PROMPT;
      }),
    ),
    new Prompt({ name: 'consent', requestable: true }),
  ],
  url: (_ctx: KoaContextWithOIDC, { uid }: { uid: string }): string => consentPath(uid),
};

interface SessionModel {
  new (): object;
  get(ctx: KoaContextWithOIDC): Promise<object>;
}

/**
 * The engine has a session for one request and keeps none: people have ours, and whoever is signed in
 * there at the moment of the answer is who answers.
 */
export function useNoEngineSessions(provider: Provider): void {
  const Session = provider.Session as unknown as SessionModel;
  Session.get = async ({ oidc }) => {
    const session = new Session();
    // What is destroyed is neither stored nor given to the browser.
    Object.defineProperty(session, 'destroyed', { value: true });
    oidc.entity('Session', session as never);
    return session;
  };
  // One that was answered goes when its time is over: who clicked twice comes back to it.
  provider.Interaction.prototype.destroy = async () => {};
}

/** The page of a request whose answer cannot be taken up (any more), which says what holds. */
export function pageOfUnresumed(ctx: KoaContextWithOIDC, error: unknown): string | undefined {
  if (!(error instanceof errors.SessionNotFound) || ctx.oidc?.route !== 'resume') return undefined;
  const uid = ctx.path.split('/').at(-1) ?? '';
  return /^[\w-]+$/.test(uid) ? consentPath(uid) : undefined;
}

/**
 * Anybody can make a client of an app, so its redirect URI is told nothing before a person answered: errors
 * stand on the page, and no link to this server leads elsewhere at once (RFC 9700 §4.11.2).
 */
export function useErrorPagesForApps(provider: Provider): void {
  // The engine emits it right before it decides whether to redirect.
  provider.on('authorization.error', (ctx, error) => {
    const { client, entities } = ctx.oidc;
    if (!client || entities.Interaction?.result) return;
    if (currentScope()?.clients.get(client.clientId)?.app === null) return;
    error.allow_redirect = false;
    // That of `prompt=none` is a redirect's.
    if (ctx.status < 400) ctx.status = 400;
  });
}

/** A client of an app may name itself in two ways; the engine compares names, so it is told one. */
export function useStoredClientIds(provider: Provider): void {
  provider.use(async (ctx, next) => {
    const given = ctx.query['client_id'];
    if (ctx.path === endpoints.authorization && typeof given === 'string' && given.includes('~'))
      ctx.query = { ...ctx.query, client_id: storedClientId(given) };
    await next();
  });
}

/** As `useStoredClientIds`, for a request that is pushed: whose it is was found out by then. */
export function normalizeClientId({ oidc: { client, params } }: KoaContextWithOIDC): void {
  if (client && params) params['client_id'] = client.clientId;
}
