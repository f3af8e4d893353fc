import { type Output, show } from '../output.ts';
import type { LoginFacts, LoginSecrets } from './types.ts';

/** Prints an access token alone, so that a shell can use it. */
export const printToken = (output: Output, accessToken: string): void =>
  output.json ? show(output, { access_token: accessToken }) : output.write(`${accessToken}\n`);

/** A login without what is secret in it, and whether the system's keyring guards that. */
export const withoutSecrets = ({
  sealed,
  access_token: _accessToken,
  refresh_token: _refreshToken,
  client_secret: _clientSecret,
  renew_at: _renewAt,
  saved_at: savedAt,
  expires_at: expiresAt,
  ...rest
}: LoginFacts & Partial<LoginSecrets & { sealed: string }>) => ({
  ...rest,
  keyring: sealed !== undefined,
  saved_at: new Date(savedAt).toISOString(),
  expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
});
