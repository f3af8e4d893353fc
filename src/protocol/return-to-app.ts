import { type ErrorOut, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { clientNameOf } from '../domain/clients/lookup.ts';
import type { AuthorizationProblem } from '../oauth/authorization-problem.ts';
import { withParameters } from '../oauth/redirect.ts';
import { accessCodeMode, accessCodeRedirect } from '../oauth/response-modes.ts';
import { currentScope } from './engine/request-scope.ts';

/**
 * The app of a refused authorization request, with the URL that returns the person to it with the error (RFC 6749
 * §4.1.2.1). Undefined if the client is unknown, the redirect URI is missing or not its own, or the response mode takes
 * a form. A page offers the URL as a link, so that a person decides to follow it (RFC 9700 §4.11.2).
 */
export function returnToApp(
  { oidc }: KoaContextWithOIDC,
  out: ErrorOut,
  error: unknown,
): AuthorizationProblem['app'] {
  const client = oidc?.client;
  const redirectUri = oidc?.params?.['redirect_uri'];
  if (!client || typeof redirectUri !== 'string' || error instanceof errors.InvalidRedirectUri)
    return undefined;
  if (!client.redirectUriAllowed(redirectUri)) return undefined;
  const url = urlWith(redirectUri, out, oidc.params?.['response_mode']);
  const known = currentScope()?.clients.get(client.clientId);
  return url ? { name: known ? clientNameOf(known) : client.clientId, url } : undefined;
}

function urlWith(redirectUri: string, out: ErrorOut, mode: unknown): string | undefined {
  if (mode === accessCodeMode) return accessCodeRedirect(redirectUri, undefined);
  if (mode !== undefined && mode !== 'query' && mode !== 'fragment') return undefined;
  const given = Object.entries(out).filter(([, value]) => value !== undefined);
  return withParameters(redirectUri, Object.fromEntries(given), mode);
}
