/** WHAT A REDEMPTION IS STORED WITH, so that a client that lost the response gets the same one again: see transaction.ts. */
import { sha256 } from '../../crypto/digest.ts';
import { openUnderValue, sealUnderValue } from '../../crypto/sealing.ts';

/** The purpose that sealed responses are bound to. Stored rows depend on it. */
const purpose = 'redemption answer';

/** Seals a response under the code or token that it was given for. */
export const sealAnswer = (value: string, body: unknown): Buffer =>
  sealUnderValue(value, purpose, JSON.stringify(body));

/** The JSON of a response that was sealed under the value. */
export const openAnswer = (value: string, answer: Buffer): string =>
  openUnderValue(value, purpose, answer);

/** What shapes the response to a token request. */
export interface AnsweredRequest {
  clientId: string | undefined;
  grantType: unknown;
  scope?: unknown;
  resource?: unknown;
  /** The parameter `authorization_details`. */
  details?: unknown;
  redirectUri?: unknown;
  /** The thumbprints of the key and of the certificate that the access token is bound to. */
  jkt?: string | undefined;
  certificate?: string | undefined;
}

/** Identifies a request: two are the same if their client and every parameter that shapes the response are equal. */
export const fingerprintOf = ({
  clientId,
  grantType,
  scope,
  resource,
  details,
  redirectUri,
  jkt,
  certificate,
}: AnsweredRequest): Buffer =>
  sha256(
    JSON.stringify([
      clientId,
      grantType,
      scope ?? null,
      resource ?? null,
      details ?? null,
      redirectUri ?? null,
      jkt ?? null,
      certificate ?? null,
    ]),
  );
