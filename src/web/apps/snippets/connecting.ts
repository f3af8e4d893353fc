/**
 * What developers copy to connect a client, with its values filled in. Each piece runs unchanged: in sh, bash and zsh,
 * in Node with openid-client 6, in Python with requests or Authlib, and in Go with golang.org/x/oauth2.
 */
import type { ClientKind } from '../../../domain/apps/types.ts';

/** The values of the client to connect. */
export interface Connecting {
  issuer: string;
  clientId: string;
  kind: ClientKind;
  /** Known only on the page that shows a new secret. */
  secret?: string | undefined;
  /** Separated by spaces (RFC 6749 §3.3). Absent if none is asked for. */
  scope?: string | undefined;
  /** Absent for the default resource. */
  resource?: string | undefined;
  /** Where the browser returns after a sign-in. */
  redirectUri?: string | undefined;
}

/** Stands for a secret that is no longer shown. */
export const secretPlaceholder = 'YOUR_CLIENT_SECRET';

/** Stands for an API key that is no longer shown. */
export const apiKeyPlaceholder = 'YOUR_API_KEY';

/** Lines of a `.env` file, which `node --env-file=.env` and shells read. */
export const envLines = ({
  issuer,
  clientId,
  secret = secretPlaceholder,
}: Pick<Connecting, 'issuer' | 'clientId' | 'secret'>): string =>
  [`OAUTH_ISSUER=${issuer}`, `OAUTH_CLIENT_ID=${clientId}`, `OAUTH_CLIENT_SECRET=${secret}`].join(
    '\n',
  );

/** A string literal of Python and of Go: both read the escapes of JSON. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A string literal of JavaScript. */
export const literal = (text: string): string =>
  /^[^'\\\p{Cc}]*$/u.test(text) ? `'${text}'` : JSON.stringify(text);
