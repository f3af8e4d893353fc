import type { Context } from 'koa';
import type { ConsentRequests } from '../../domain/grants/consent/types.ts';
import { startedInThisBrowser } from '../../http/authorization-cookies.ts';
import { continuePath } from '../../oauth/paths.ts';

interface Dependencies {
  issuer: string;
  consentRequests: Pick<ConsentRequests, 'signInRequirements'>;
  /** The name of the client of a sealed authorization request; undefined if the request has expired. */
  requestingClient: (sealed: string) => Promise<string | undefined>;
}

/**
 * The name of the app that a sign-in continues to, if an app asked for it. A stored request is named only in the browser
 * that began it. A device code names none: anyone could look up codes that way.
 */
export const createRequestingApp =
  ({ issuer, consentRequests, requestingClient }: Dependencies) =>
  async (ctx: Context, returnTo: string): Promise<string | undefined> => {
    const [path = '', query] = returnTo.split('?', 2);
    if (path === continuePath)
      return requestingClient(new URLSearchParams(query).get('request') ?? '');
    const [, uid] = /^\/consent\/([\w-]+)$/.exec(path) ?? [];
    if (uid === undefined || !startedInThisBrowser(ctx, issuer, uid)) return undefined;
    return (await consentRequests.signInRequirements(uid))?.clientName;
  };
