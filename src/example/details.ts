import type { AuthorizationDetail } from '../domain/tokens/named/types.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';

/** What somebody does with one thing; without an id, what is about no thing that there is, such as to make one. */
export interface Deed {
  action: 'read' | 'write';
  id?: string | undefined;
}

/**
 * Whether the `authorization_details` of a token (RFC 9396 §2) permit a deed. They limit what its scope
 * and its permissions allow; a token without any is not limited. An element that names no thing is about
 * all of them, and one that names no action about every action. One with members that mean nothing here
 * permits nothing: to pass over them could let a token do more than was meant.
 */
export function permits({ payload }: Pick<TokenState, 'payload'>, { action, id }: Deed): boolean {
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
