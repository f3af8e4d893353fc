/**
 * HOW THE RESPONSE TO AN AUTHORIZATION REQUEST REACHES THE APP (RFC 6749 §4.1.2, OAuth 2.0 Multiple Response Type Encoding
 * Practices §2.1, OAuth 2.0 Form Post Response Mode).
 */
import type { Context } from 'koa';
import { clientNameOf } from '../domain/clients/lookup.ts';
import { withParameters } from '../oauth/redirect.ts';
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

/**
 * The redirect URI is used exactly as it is registered, with the response parameters after its own query (RFC 6749
 * §3.1.2). After a sign-in a page stands in between: browsers apply the `form-action` of the sign-in page to the
 * redirects that follow its form, and that page allows only this server.
 */
export function createResponders({ showResponseForm, showLeaving }: ResponsePages): Responders {
  const redirect =
    (mode: 'query' | 'fragment'): Respond =>
    (ctx, redirectUri, answer) => {
      const url = withParameters(redirectUri, inPlainWords(answer), mode);
      if (followsForm()) return showLeaving(ctx, { name: nameOfApp(ctx), url });
      ctx.status = 303;
      ctx.set('Location', url);
      ctx.body = '';
      return undefined;
    };
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

/** Whether the request follows the form of the sign-in page. */
const followsForm = (): boolean => {
  const { continued } = currentScope() ?? {};
  return continued !== undefined && !continued.wasPosted;
};

function nameOfApp(ctx: Context): string {
  const id = engineContextOf(ctx)?.oidc.client?.clientId ?? '';
  const client = currentScope()?.clients.get(id);
  return client ? clientNameOf(client) : id;
}
