/**
 * HOW THE RESPONSE TO AN AUTHORIZATION REQUEST REACHES THE APP (RFC 6749 §4.1.2, OAuth 2.0 Multiple Response Type Encoding
 * Practices §2.1, OAuth 2.0 Form Post Response Mode).
 */
import type { Context } from 'koa';
import { clientNameOf } from '../domain/clients/lookup.ts';
import { isOfWebsite, withParameters } from '../oauth/redirect.ts';
import { engineContextOf } from './engine/models.ts';
import { currentScope } from './engine/request-scope.ts';
import { inPlainWords } from './engine/sentences.ts';

/** The pages that take a response to an app. `name` is what people call the app. */
export interface ResponsePages {
  /** A form that submits itself, or with a button in a browser without scripts. */
  showResponseForm(
    ctx: Context,
    response: { name: string; action: string; fields: [name: string, value: string][] },
  ): Promise<void>;
  /** A page that goes on to `url` by itself. */
  showLeaving(ctx: Context, response: { name: string; url: string }): Promise<void>;
}

/** Sends a response to a redirect URI. */
export type Respond = (
  ctx: Context,
  redirectUri: string,
  answer: Record<string, unknown>,
) => void | Promise<void>;

/** The response modes of Writ. */
export type Responders = Readonly<Record<'query' | 'fragment' | 'form_post', Respond>>;

/** Sends the browser to an app. `url` is a redirect URI with the parameters of the response. */
export type GoToApp = (ctx: Context, url: string) => void | Promise<void>;

/**
 * Redirects to an app. After a form of this server a page stands in between: browsers apply the `form-action` of the
 * page that has the form to all redirects that follow it, also to those of the app, and our pages allow only this server.
 */
export const createGoToApp =
  ({ showLeaving }: Pick<ResponsePages, 'showLeaving'>): GoToApp =>
  (ctx, url) => {
    if (followsSignIn() || (followsConsent(ctx) && isOfWebsite(url)))
      return showLeaving(ctx, { name: nameOfApp(ctx), url });
    ctx.status = 303;
    ctx.set('Location', url);
    ctx.body = '';
    return undefined;
  };

/**
 * The redirect URI is used exactly as it is registered, with the response parameters after its own query (RFC 6749
 * §3.1.2).
 */
export function createResponders({
  showResponseForm,
  goToApp,
}: Pick<ResponsePages, 'showResponseForm'> & { goToApp: GoToApp }): Responders {
  const redirect =
    (mode: 'query' | 'fragment'): Respond =>
    (ctx, redirectUri, answer) =>
      goToApp(ctx, withParameters(redirectUri, inPlainWords(answer), mode));
  return {
    query: redirect('query'),
    fragment: redirect('fragment'),
    form_post: (ctx, redirectUri, answer) =>
      showResponseForm(ctx, {
        name: nameOfApp(ctx),
        action: withParameters(redirectUri, {}),
        fields: Object.entries(inPlainWords(answer)).map(([name, value]) => [name, String(value)]),
      }),
  };
}

/** Whether the request follows the form of the consent page, which also allows the scheme of a native app. */
const followsConsent = (ctx: Context): boolean => engineContextOf(ctx)?.oidc.route === 'resume';

/** Whether the request follows the form of the sign-in page. */
const followsSignIn = (): boolean => {
  const { continued } = currentScope() ?? {};
  return continued !== undefined && !continued.wasPosted;
};

function nameOfApp(ctx: Context): string {
  const id = engineContextOf(ctx)?.oidc.client?.clientId ?? '';
  const client = currentScope()?.clients.get(id);
  return client ? clientNameOf(client) : id;
}
