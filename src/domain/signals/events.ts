/**
 * WHICH CHANGE IS WHICH EVENT of CAEP 1.0: what ends tokens is `session-revoked`; what makes the claims of issued tokens outdated is
 * `token-claims-change`, whose claim is the epoch that tokens have from now on. Changes without a subject are no events.
 */
import type { AddressedRevocation } from '../audit/revocations.ts';

const caep = (name: string) => `https://schemas.openid.net/secevent/caep/event-type/${name}`;

export const eventTypes = {
  sessionRevoked: caep('session-revoked'),
  tokenClaimsChange: caep('token-claims-change'),
} as const;

/** CAEP events of this server. */
export const supportedEvents: readonly string[] = Object.values(eventTypes);

/** SSF 1.0 §8.1.4.1. Every stream has it. */
export const verificationEvent = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

type Claims = Record<string, unknown>;

/** The claims of a SET that differ from event to event. */
export interface SignalClaims extends Claims {
  sub_id: Claims;
  events: Record<string, Claims>;
  txn?: string;
}

const ending: readonly string[] = [
  'token.revoked',
  'grant.revoked',
  'client.disabled',
  'client.deleted',
  'client.tokens_revoked',
  'account.disabled',
  'account.deleted',
  'account.tokens_revoked',
  'app.disabled',
  'app.deleted',
];
const changing: readonly string[] = ['client.changed', 'account.changed', 'app.changed'];

const opaque = (id: string) => ({ format: 'opaque', id });

/** Whom or what a change is about (RFC 9493, SSF 1.0 §3). A change of an app is about each of its clients. */
function subjectsOf(
  { tokenId, grantId, clientId, accountId, app }: AddressedRevocation,
  issuer: string,
  clientsOfApp: readonly string[],
): Claims[] {
  if (tokenId !== null) return [{ format: 'jwt_id', iss: issuer, jti: tokenId }];
  const user = accountId === null ? undefined : { format: 'iss_sub', iss: issuer, sub: accountId };
  const session = grantId === null ? undefined : opaque(grantId);
  const applications = clientId !== null ? [clientId] : app !== null ? clientsOfApp : [];
  if (applications.length === 0) {
    if (session) return [user ? { format: 'complex', user, session } : session];
    return user ? [user] : [];
  }
  return applications.map((client) => ({
    format: 'complex',
    ...(user && { user }),
    ...(session && { session }),
    application: opaque(client),
  }));
}

/** The claim of tokens that names the epochs, with the one that changed. */
const epochsOf = ({ accountId, clientId, epoch }: AddressedRevocation): Claims => ({
  epochs: { [accountId !== null ? 'account' : clientId !== null ? 'client' : 'app']: epoch },
});

/** The events of a change, with their types. `clientsOfApp` are the clients of the app that it names. */
export function signalsOf(
  change: AddressedRevocation,
  issuer: string,
  clientsOfApp: readonly string[] = [],
): { type: string; claims: SignalClaims }[] {
  const { kind, at, epoch, number } = change;
  const isEnding = ending.includes(kind);
  if (!isEnding && !(changing.includes(kind) && epoch !== null)) return [];
  const type = isEnding ? eventTypes.sessionRevoked : eventTypes.tokenClaimsChange;
  const event = {
    event_timestamp: Math.floor(at.getTime() / 1000),
    reason_admin: { en: kind },
    ...(!isEnding && { claims: epochsOf(change) }),
  };
  return subjectsOf(change, issuer, clientsOfApp).map((subject) => ({
    type,
    claims: { txn: String(number), sub_id: subject, events: { [type]: event } },
  }));
}
