/** Everything that knows @simplewebauthn/server. It is loaded when the first passkey is verified: a start without it is faster. */
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import * as z from 'zod';
import type { RelyingParty } from './relying-party.ts';

/** COSE algorithms of passkeys, the best first: EdDSA, ES256, RS256 (for Windows Hello). */
export const algorithms = [-8, -7, -257];

/** A passkey that was created. */
export interface CreatedPasskey {
  credentialId: Buffer;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  aaguid: string;
  backupEligible: boolean;
  backedUp: boolean;
  userVerified: boolean;
}

/** What an authenticator has signed. */
export interface VerifiedAssertion {
  counter: number;
  userVerified: boolean;
  backupEligible: boolean;
  backedUp: boolean;
}

/** An ID has at most 1023 bytes (WebAuthn §5.1.1). Nothing that a browser sends is larger than these. */
const base64url = (maxBytes: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(Math.ceil((maxBytes * 4) / 3));

const credentialId = base64url(1023);
const transports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;
const clientData = base64url(8_192);

const registration = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: clientData,
    attestationObject: base64url(24_576),
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
});

const authentication = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: clientData,
    authenticatorData: base64url(4_096),
    signature: base64url(8_192),
    userHandle: base64url(64).nullish(),
  }),
});

const signedData = z.object({ challenge: z.string(), crossOrigin: z.boolean().optional() });

/** What a browser sent, if it has the form of WebAuthn's JSON (§5.1). */
function read<Shape extends z.ZodType>(shape: Shape, text: string): z.infer<Shape> | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The challenge that a browser answered. Pages of other sites cannot have asked for it in a frame of theirs. */
function challengeOf(encoded: string): string | undefined {
  const data = read(signedData, Buffer.from(encoded, 'base64url').toString('utf8'));
  return data?.crossOrigin ? undefined : data?.challenge;
}

const verifier = () => import('@simplewebauthn/server');

/** Reads the answer to a registration; undefined if it is none. */
export function readRegistration(text: string) {
  const sent = read(registration, text);
  const challenge = sent && challengeOf(sent.response.clientDataJSON);
  if (!sent || challenge === undefined) return undefined;
  return {
    challenge,
    /** Verifies it (WebAuthn §7.1). Undefined if it is not valid. */
    async verify({ id, origins }: RelyingParty): Promise<CreatedPasskey | undefined> {
      const { verifyRegistrationResponse } = await verifier();
      const { response } = sent;
      const known = transports.filter((one) => response.transports?.includes(one));
      const result = await verifyRegistrationResponse({
        response: {
          ...sent,
          response: { ...response, transports: known as AuthenticatorTransport[] },
          clientExtensionResults: {},
        } satisfies RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: [...origins],
        expectedRPID: id,
        requireUserVerification: false,
        supportedAlgorithmIDs: algorithms,
      }).catch(() => undefined);
      const info = result?.registrationInfo;
      if (!result?.verified || !info || info.credential.id !== sent.id) return undefined;
      return {
        credentialId: Buffer.from(info.credential.id, 'base64url'),
        publicKey: Buffer.from(info.credential.publicKey),
        counter: info.credential.counter,
        transports: known,
        aaguid: info.aaguid,
        backupEligible: info.credentialDeviceType === 'multiDevice',
        backedUp: info.credentialBackedUp,
        userVerified: info.userVerified,
      };
    },
  };
}

/** Reads an assertion; undefined if it is none. */
export function readAssertion(text: string) {
  const sent = read(authentication, text);
  const challenge = sent && challengeOf(sent.response.clientDataJSON);
  if (!sent || challenge === undefined) return undefined;
  const { userHandle, ...response } = sent.response;
  return {
    challenge,
    credentialId: Buffer.from(sent.id, 'base64url'),
    userHandle: userHandle ? Buffer.from(userHandle, 'base64url') : undefined,
    /** Verifies the signature (WebAuthn §7.2) with a public key. Undefined if it is not valid. */
    async verify(
      { id, origins }: RelyingParty,
      publicKey: Buffer,
    ): Promise<VerifiedAssertion | undefined> {
      const { verifyAuthenticationResponse } = await verifier();
      const result = await verifyAuthenticationResponse({
        response: {
          ...sent,
          response,
          clientExtensionResults: {},
        } satisfies AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: [...origins],
        expectedRPID: id,
        requireUserVerification: false,
        // The library compares counters before it verifies the signature, so anyone could report a copy. Writ does it afterwards.
        credential: { id: sent.id, publicKey: new Uint8Array(publicKey), counter: 0 },
      }).catch(() => undefined);
      if (!result?.verified) return undefined;
      const { newCounter, userVerified, credentialDeviceType, credentialBackedUp } =
        result.authenticationInfo;
      return {
        counter: newCounter,
        userVerified,
        backupEligible: credentialDeviceType === 'multiDevice',
        backedUp: credentialBackedUp,
      };
    },
  };
}
