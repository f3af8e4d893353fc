import type { TokenShown } from '../../../views/components/token.ts';
import type {
  AuthorizationDetail,
  PersonalChoice,
  ShownToken,
} from '../../domain/tokens/named/types.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { scopeTokens } from '../../oauth/scope.ts';

/**
 * A personal access token or an API key as pages show it. `choices` has the names of APIs and the sentences of scopes;
 * `others` has its successor, if it was replaced.
 */
export function tokenShown(
  token: ShownToken,
  choices: readonly PersonalChoice[],
  others: readonly ShownToken[] = [],
): TokenShown {
  const resource = token.audience?.[0] ?? '';
  const choice = choices.find(({ identifier }) => identifier === resource);
  const successor =
    token.successor !== null && others.find(({ id }) => publicId(id) === token.successor);
  return {
    id: publicId(token.id),
    name: token.name ?? '',
    hint: token.hint,
    resource: choice?.name || resource,
    scopes: scopeTokens(token.scope).map(
      (name) => choice?.scopes.find((scope) => scope.name === name) ?? { name, description: '' },
    ),
    details: detailsOf(token),
    status: token.status,
    leaked: token.leaked,
    createdAt: dateOf(token.issuedAt),
    expiresAt: dateOf(token.expiresAt),
    lastUsedAt: dateOf(token.lastUsedAt),
    revokedAt: dateOf(token.revokedAt),
    createdBy: token.createdBy,
    replacedBy: successor ? { id: publicId(successor.id), hint: successor.hint } : null,
  };
}

function dateOf(seconds: number): Date;
function dateOf(seconds: number | null): Date | null;
function dateOf(seconds: number | null): Date | null {
  return seconds === null ? null : new Date(Math.round(seconds * 1000));
}

function detailsOf({ payload }: ShownToken): TokenShown['details'] {
  const details = (payload?.['rar'] ?? []) as AuthorizationDetail[];
  return details.map(({ type, identifier, actions = [] }) => ({ type, identifier, actions }));
}
