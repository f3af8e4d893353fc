/** WHAT A REQUEST NEEDS, compared with what its caller has. sdk/vectors/decisions.json has examples. */
import { satisfiesAcr } from '../../oauth/authentication-context.ts';
import { listOf, type Problem } from './refusals.ts';
import type { AuthorizationDetail, Caller, NeededDetail, NeededScope, Needs } from './types.ts';

const lacks = (message: string, named: Pick<Needs, 'scope'> = {}) =>
  ({ status: 403, code: 'insufficient_scope', message, ...named }) as const;

/** Whether this is one scope that the caller has: the usual case needs no lists. */
const isOne = (scope: NeededScope, has: readonly string[]): boolean =>
  typeof scope === 'string' && has.includes(scope);

/** What is missing first; undefined if nothing is. The challenge names the scope or the sign-in. */
export function missing(
  caller: Caller,
  { scope, permission, role, detail, signIn }: Needs,
  now = Date.now(),
): (Problem & Pick<Needs, 'scope' | 'signIn'>) | undefined {
  if (scope !== undefined && !isOne(scope, caller.scope)) {
    const absent = listOf(scope).filter((each) => !caller.scope.includes(each));
    if (absent.length > 0)
      return lacks(`The token lacks the scope ${absent.join(' ')}.`, { scope });
  }
  if (permission !== undefined && !caller.may(permission))
    return lacks(`No role gives ${permission}.`);
  if (role !== undefined && !caller.roles.includes(role))
    return lacks(`The caller does not have the role ${role}.`);
  if (detail && !permits(caller.authorizationDetails, detail))
    return lacks('The authorization_details of the token do not allow this.');
  if (!signIn) return undefined;
  const { acr, maxAge } = signIn;
  const isWeak = acr !== undefined && !satisfiesAcr(caller.signIn?.acr, listOf(acr));
  const isOld =
    maxAge !== undefined && !(caller.signIn && now - caller.signIn.at.getTime() <= maxAge * 1000);
  if (!isWeak && !isOld) return undefined;
  return {
    status: 401,
    code: 'insufficient_user_authentication',
    message: isWeak
      ? 'The person must sign in in another way.'
      : `The person must have signed in at most ${maxAge} seconds ago.`,
    signIn,
  };
}

/**
 * Whether authorization details (RFC 9396 §2) permit what a request does with a thing. Without any, the token is not limited. An
 * element without an identifier is for all things, one without actions for all actions; one with members that mean nothing
 * here permits nothing, since ignoring them could allow more than was granted.
 */
export const permits = (
  details: readonly AuthorizationDetail[],
  { type, action, identifier }: NeededDetail,
): boolean =>
  details.length === 0 ||
  details.some(
    (detail) =>
      detail.type === type &&
      (detail.identifier === undefined || detail.identifier === identifier) &&
      (detail.actions === undefined || (action !== undefined && detail.actions.includes(action))) &&
      Object.keys(detail).every((member) => ['type', 'identifier', 'actions'].includes(member)),
  );
