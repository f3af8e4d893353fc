import type { AuthorizationDetail } from '../domain/tokens/named/types.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';

/** What a request does with a thing; without an ID, it is about no existing thing, such as creating one. */
export interface ThingAction {
  action: 'read' | 'write';
  id?: string | undefined;
}

/**
 * Whether the `authorization_details` of a token (RFC 9396 §2) permit an action. They limit what its scope and its
 * permissions allow; a token without any is not limited. An element without an identifier is for all things, and one
 * without actions for all actions. One with members that mean nothing here permits nothing: ignoring them could allow
 * more than was granted.
 */
export function permits(
  { payload }: Pick<TokenState, 'payload'>,
  { action, id }: ThingAction,
): boolean {
  const details = payload?.['rar'] as AuthorizationDetail[] | undefined;
  if (!details) return true;
  return details.some(
    ({ type, identifier, actions = [action], datatypes, privileges }) =>
      type === 'thing' &&
      (identifier === undefined || identifier === id) &&
      actions.includes(action) &&
      datatypes === undefined &&
      privileges === undefined,
  );
}
