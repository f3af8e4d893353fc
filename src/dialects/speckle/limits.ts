/** THE LIMITS OF A TOKEN, in Speckle's form and as authorization details (RFC 9396 §2). */
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { scopeTokens } from '../../oauth/scope.ts';

export interface ResourceLimit {
  id: string;
  type: 'project' | 'workspace';
}

/** Converts limits to authorization details; undefined if there are none. */
export const detailsOfLimits = (
  limits: readonly ResourceLimit[] | null | undefined,
): AuthorizationDetail[] | undefined =>
  limits?.length ? limits.map(({ id, type }) => ({ type, identifier: id })) : undefined;

/** The limits of a token; empty if it is not limited. */
export const limitsOf = ({
  payload,
}: {
  payload: Record<string, unknown> | null;
}): AuthorizationDetail[] => (payload?.['rar'] ?? []) as AuthorizationDetail[];

/** Marks an embed token, which shows one project to anyone who has the URL. */
const embedPrivilege = 'embed';

const embedScope = 'streams:read';

/** The scope and limits of an embed token: it reads one project. */
export const embedOf = (projectId: string, resourceIdString: string) => ({
  scope: [embedScope],
  authorizationDetails: [
    {
      type: 'project',
      identifier: projectId,
      datatypes: [resourceIdString],
      privileges: [embedPrivilege],
    },
  ],
});

/** The project of an embed token; undefined for other tokens. */
export function readEmbed({
  scope,
  payload,
}: {
  scope: string | null;
  payload: Record<string, unknown> | null;
}): { projectId: string; resourceIdString: string } | undefined {
  const [detail, ...others] = limitsOf({ payload });
  if (!detail?.privileges?.includes(embedPrivilege) || others.length > 0) return undefined;
  if (scopeTokens(scope).join() !== embedScope || detail.identifier === undefined) return undefined;
  return { projectId: detail.identifier, resourceIdString: detail.datatypes?.[0] ?? '' };
}
