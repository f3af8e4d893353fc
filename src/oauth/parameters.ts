/**
 * What each protocol endpoint reads: its parameters, how long they may be, of which characters, and which of them
 * are kept beyond the request. The gate (`protocol/gate.ts`) refuses what does not fit and passes on nothing else.
 */
import { endpoints } from './paths.ts';

/** What the value of a parameter may be. */
export interface ParameterRule {
  /** The most characters. Absent where only the size of the body bounds it, which is so of nothing that is kept. */
  readonly max?: number;
  /** Printable ASCII and spaces (RFC 6749 Appendix A: VSCHAR). Otherwise Unicode without control characters. */
  readonly ascii?: true;
  /** It may come more than once (RFC 8707 §2). */
  readonly repeats?: number;
  /** It is stored beyond the request, until a person or a device has answered. */
  readonly kept?: true;
}

export type Parameters = Readonly<Record<string, ParameterRule>>;

/** The most that is kept of one request, in bytes of UTF-8: of all its parameters together. */
export const maxKeptBytes = 8 * 1024;

/** RFC 6749 §2.3.1 and RFC 7521 §4.2. A wrong secret or assertion is judged by client authentication. */
const clientAuthentication = {
  client_id: { max: 500 },
  client_secret: { max: 1_000 },
  client_assertion: { ascii: true },
  client_assertion_type: { max: 200, ascii: true },
} as const satisfies Parameters;

const scope = { max: 4_000, ascii: true } as const;

/** RFC 8707 §2. */
const resource = { max: 500, ascii: true, repeats: 20 } as const;

const redirectUri = { max: 2_000, ascii: true } as const;

/** What authorization and device authorization requests share (OpenID Connect Core §3.1.2.1). */
const requestOfAPerson = {
  scope: { ...scope, kept: true },
  resource: { ...resource, kept: true },
  // RFC 9396 §2.
  authorization_details: { max: 8_000, kept: true },
  nonce: { max: 512, kept: true },
  max_age: { max: 20, ascii: true, kept: true },
  acr_values: { max: 512, ascii: true, kept: true },
  login_hint: { max: 320, kept: true },
  id_token_hint: { max: 4_096, ascii: true, kept: true },
  ui_locales: { max: 256, ascii: true, kept: true },
  claims_locales: { max: 256, ascii: true, kept: true },
  display: { max: 16, ascii: true, kept: true },
  // Not supported, and refused with codes of their own (OpenID Connect Core §6, §7.2.1).
  request: {},
  registration: {},
} as const satisfies Parameters;

/** RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1, RFC 9126 §4. */
const authorization: Parameters = {
  ...requestOfAPerson,
  client_id: { ...clientAuthentication.client_id, kept: true },
  response_type: { max: 64, ascii: true, kept: true },
  response_mode: { max: 64, ascii: true, kept: true },
  redirect_uri: { ...redirectUri, kept: true },
  state: { max: 2_048, kept: true },
  prompt: { max: 64, ascii: true, kept: true },
  code_challenge: { max: 128, ascii: true, kept: true },
  code_challenge_method: { max: 16, ascii: true, kept: true },
  dpop_jkt: { max: 64, ascii: true, kept: true },
  request_uri: { max: 512, ascii: true, kept: true },
};

/** RFC 7662 §2.1, RFC 7009 §2.1. */
const aboutAToken: Parameters = {
  ...clientAuthentication,
  token: {},
  token_type_hint: { max: 200 },
};

/** The parameters of each endpoint that reads any, by its path. */
export const parametersOf: Readonly<Record<string, Parameters>> = {
  [endpoints.authorization]: authorization,
  [endpoints.pushed_authorization_request]: { ...clientAuthentication, ...authorization },
  [endpoints.device_authorization]: {
    ...clientAuthentication,
    ...requestOfAPerson,
    client_id: authorization['client_id'] as ParameterRule,
  },
  [endpoints.token]: {
    ...clientAuthentication,
    grant_type: { max: 200, ascii: true },
    scope,
    resource,
    redirect_uri: redirectUri,
    // A value that no grant has is `invalid_grant`, however long it is.
    code: { ascii: true },
    code_verifier: { ascii: true },
    refresh_token: { ascii: true },
    device_code: { ascii: true },
  },
  [endpoints.introspection]: aboutAToken,
  [endpoints.revocation]: aboutAToken,
  [endpoints.userinfo]: { access_token: { ascii: true }, scope },
};
