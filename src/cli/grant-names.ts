import { grantTypes } from '../oauth/grant-types.ts';

/** Grant types that are too long to type: of devices (RFC 8628 §3.4), token exchange (RFC 8693 §2.1), assertions (RFC 7523 §2.1). */
const shortNames: Readonly<Record<string, string>> = {
  device_code: grantTypes.deviceCode,
  token_exchange: grantTypes.tokenExchange,
  jwt_bearer: grantTypes.jwtBearer,
};

/** The grant type of a short name. */
export const grantTypeOf = (text: string): string =>
  Object.hasOwn(shortNames, text) ? String(shortNames[text]) : text;

/** The short name of a grant type, as `--grant` takes it. */
export const nameOfGrant = (grantType: string): string =>
  Object.keys(shortNames).find((name) => shortNames[name] === grantType) ?? grantType;
