/**
 * The parameters of each protocol endpoint: their maximum length, their characters, and whether they are stored beyond
 * the request. The gate (`protocol/gate.ts`) rejects what does not fit and passes on nothing else.
 */
import { endpoints } from './paths.ts';

/** The rule for the value of a parameter. */
export interface ParameterRule {
  /** Maximum number of characters. Without it only the size of the body limits the value; never so for a stored one. */
  readonly max?: number;
  /** Only printable ASCII and spaces (RFC 6749 Appendix A: VSCHAR). Otherwise Unicode without control characters. */
  readonly ascii?: true;
  /** How many times the parameter can occur (RFC 8707 §2). Default: once. */
  readonly repeats?: number;
  /** Whether it is stored beyond the request, until a person or a device has answered. */
  readonly stored?: true;
}

/** The rules of an endpoint, by parameter. Parameters without a rule are ignored. */
export type Parameters = Readonly<Record<string, ParameterRule>>;

/** The maximum size of all stored parameters of one request, in bytes of UTF-8. */
export const maxStoredBytes = 8 * 1024;

/** RFC 6749 §2.3.1 and RFC 7521 §4.2. Client authentication decides about malformed secrets and assertions. */
const clientAuthentication = {
  client_id: { max: 500 },
  client_secret: { max: 1_000 },
  client_assertion: { ascii: true },
  client_assertion_type: { max: 200, ascii: true },
} as const satisfies Parameters;

const scope = { max: 4_000, ascii: true } as const;

/** RFC 8707 §2. */
const resource = { max: 500, ascii: true, repeats: 20 } as const;

/** RFC 9396 §2. */
const authorizationDetails = { max: 8_000 } as const;

const redirectUri = { max: 2_000, ascii: true } as const;

/** Parameters of both requests that a person decides on: authorization (OpenID Connect Core §3.1.2.1) and device. */
const interactiveRequest = {
  scope: { ...scope, stored: true },
  resource: { ...resource, stored: true },
  authorization_details: { ...authorizationDetails, stored: true },
  nonce: { max: 512, stored: true },
  max_age: { max: 20, ascii: true, stored: true },
  acr_values: { max: 512, ascii: true, stored: true },
  login_hint: { max: 320, stored: true },
  id_token_hint: { max: 4_096, ascii: true, stored: true },
  ui_locales: { max: 256, ascii: true, stored: true },
  // OpenID Connect Core §5.5.
  claims: { max: 4_000, stored: true },
  claims_locales: { max: 256, ascii: true, stored: true },
  display: { max: 16, ascii: true, stored: true },
  // Not supported, and refused with their own error codes (OpenID Connect Core §6, §7.2.1).
  request: {},
  registration: {},
} as const satisfies Parameters;

/** RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1, RFC 9126 §4. */
const authorization: Parameters = {
  ...interactiveRequest,
  client_id: { ...clientAuthentication.client_id, stored: true },
  response_type: { max: 64, ascii: true, stored: true },
  response_mode: { max: 64, ascii: true, stored: true },
  redirect_uri: { ...redirectUri, stored: true },
  state: { max: 2_048, stored: true },
  prompt: { max: 64, ascii: true, stored: true },
  code_challenge: { max: 128, ascii: true, stored: true },
  code_challenge_method: { max: 16, ascii: true, stored: true },
  dpop_jkt: { max: 64, ascii: true, stored: true },
  request_uri: { max: 512, ascii: true, stored: true },
};

/** RFC 7662 §2.1, RFC 7009 §2.1. */
const tokenForm: Parameters = {
  ...clientAuthentication,
  token: {},
  token_type_hint: { max: 200 },
};

/** OpenID Connect RP-Initiated Logout 1.0 §2. */
const logout: Parameters = {
  id_token_hint: { max: 16_000, ascii: true },
  logout_hint: { max: 320 },
  client_id: clientAuthentication.client_id,
  post_logout_redirect_uri: redirectUri,
  state: { max: 2_048 },
  ui_locales: { max: 256, ascii: true },
};

/** The parameters of each endpoint that reads any, by its path. */
export const parametersOf: Readonly<Record<string, Parameters>> = {
  [endpoints.authorization]: authorization,
  [endpoints.pushed_authorization_request]: { ...clientAuthentication, ...authorization },
  [endpoints.device_authorization]: {
    ...clientAuthentication,
    ...interactiveRequest,
    client_id: authorization['client_id'] as ParameterRule,
  },
  [endpoints.token]: {
    ...clientAuthentication,
    grant_type: { max: 200, ascii: true },
    scope,
    resource,
    authorization_details: authorizationDetails,
    redirect_uri: redirectUri,
    // Without a maximum, because a value that Writ did not issue is `invalid_grant`, however long it is.
    code: { ascii: true },
    code_verifier: { ascii: true },
    refresh_token: { ascii: true },
    device_code: { ascii: true },
    // RFC 8693 §2.1.
    audience: resource,
    subject_token: { ascii: true },
    subject_token_type: { max: 200, ascii: true },
    actor_token: { ascii: true },
    actor_token_type: { max: 200, ascii: true },
    requested_token_type: { max: 200, ascii: true },
    // RFC 7523 §2.1.
    assertion: { ascii: true },
  },
  [endpoints.introspection]: tokenForm,
  [endpoints.revocation]: tokenForm,
  [endpoints.end_session]: logout,
  [endpoints.userinfo]: { access_token: { ascii: true }, scope },
};
