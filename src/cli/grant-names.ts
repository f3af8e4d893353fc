import { grantTypes } from '../oauth/grant-types.ts';

/** The grant type of a short name: that of the device grant (RFC 8628 §3.4) is too long to type. */
export const grantTypeOf = (text: string): string =>
  text === 'device_code' ? grantTypes.deviceCode : text;

/** The short name of a grant type, as `--grant` takes it. */
export const nameOfGrant = (grantType: string): string =>
  grantType === grantTypes.deviceCode ? 'device_code' : grantType;
