/**
 * TOKENS FOR A PROGRAM THAT CALLS AN API: for itself with its own credentials, or for a person who logs in with a code. It
 * uses only what the web has (`fetch`, `URL`, `AbortSignal`), so it runs in Node, Deno, Bun and browsers.
 */
export { authorizedFetch } from './authorized-fetch.ts';
export { type DeviceCode, type DeviceLoginOptions, deviceLogin } from './device-login.ts';
export { memoryStore } from './memory-store.ts';
export { revoke } from './revoke.ts';
export { clientCredentials, savedLogin, type TokenSource } from './token-source.ts';
export { type ClientOptions, TokenError, type TokenStore, type Tokens } from './types.ts';
