/** WHAT A VALUE IS THAT IS NO TOKEN OF THIS INSTALLATION, from its form alone: nothing of it is looked up. */
import {
  endOfPartition,
  isPartitionInUse,
  otherPrefixes,
  parsePublicId,
  parseToken,
  prefixes,
} from './value.ts';

/** What a value can be instead of a token that this installation has. */
export type UnknownValue =
  /** It names the week of a token that has been deleted since. */
  | { kind: 'deleted'; expiredBefore: Date }
  /** Its form and checksum are right, but there is no such token: it is of another installation, or was made up. */
  | { kind: 'not_issued' }
  /** It begins like a token, but the checksum says that it was cut off or mistyped. */
  | { kind: 'damaged' }
  /** Another credential of Writ. */
  | { kind: 'other_credential'; name: string }
  /** A JWT of another issuer. */
  | { kind: 'other_issuer'; issuer: string }
  /** A JWT that names this issuer and is none of its access tokens: an ID token, or one with other bytes. */
  | { kind: 'id_token' }
  | { kind: 'altered_jwt' }
  | { kind: 'no_token' };

/** Every kind, for documentation. */
export const unknownKinds: readonly UnknownValue['kind'][] = [
  'deleted',
  'not_issued',
  'damaged',
  'other_credential',
  'other_issuer',
  'id_token',
  'altered_jwt',
  'no_token',
];

const otherCredentials: Readonly<Record<keyof typeof otherPrefixes, string>> = {
  client_secret: 'a client secret',
  device_code: 'a device code',
  initial_access_token: 'an initial access token',
  registration_token: 'a registration access token',
};

const ofMissing = (partition: number): UnknownValue =>
  partition !== 0 && !isPartitionInUse(partition) && endOfPartition(partition) * 1000 < Date.now()
    ? { kind: 'deleted', expiredBefore: new Date(endOfPartition(partition) * 1000) }
    : { kind: 'not_issued' };

/** Says what a value is. It must not be the value of a token that exists. */
export function describeUnknownValue(value: string, issuer: string): UnknownValue {
  const claims = claimsOf(value);
  if (claims) {
    const { iss, jti, nonce, at_hash: hash } = claims;
    if (iss !== issuer)
      return { kind: 'other_issuer', issuer: typeof iss === 'string' ? iss : 'it names none' };
    const id = typeof jti === 'string' ? parsePublicId(jti) : undefined;
    if (!id && (nonce !== undefined || hash !== undefined || typeof jti !== 'string'))
      return { kind: 'id_token' };
    const missing = id && ofMissing(id.partition);
    return missing?.kind === 'deleted' ? missing : { kind: 'altered_jwt' };
  }
  const parsed = parseToken(value);
  if (parsed) return ofMissing(parsed.id.partition);
  for (const [kind, name] of Object.entries(otherCredentials))
    if (value.startsWith(otherPrefixes[kind as keyof typeof otherPrefixes]))
      return { kind: 'other_credential', name };
  return Object.values(prefixes).some((prefix) => value.startsWith(prefix))
    ? { kind: 'damaged' }
    : { kind: 'no_token' };
}

/** The claims of a JWT, unverified; undefined for what is none. */
function claimsOf(value: string): Record<string, unknown> | undefined {
  const parts = value.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? (claims as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What that means, in a sentence for people. */
export function sentenceOfUnknown(found: UnknownValue): string {
  switch (found.kind) {
    case 'deleted':
      return `It expired before ${found.expiredBefore.toISOString().slice(0, 10)}, and was deleted since.`;
    case 'not_issued':
      return 'There is no such token, or you are not allowed to see it. It may be of another installation.';
    case 'damaged':
      return 'It is no whole token: it was cut off or mistyped.';
    case 'other_credential':
      return `It is ${found.name}, which is no token for an API.`;
    case 'other_issuer':
      return `It is a JWT of another issuer: ${found.issuer}.`;
    case 'id_token':
      return 'It is an ID token of this server, which tells an app who signed in. APIs get access tokens.';
    case 'altered_jwt':
      return 'It is a JWT that names this server as its issuer, but this server did not issue exactly these bytes, or you are not allowed to see it.';
    case 'no_token':
      return 'It has the form of no token of this server.';
  }
}
