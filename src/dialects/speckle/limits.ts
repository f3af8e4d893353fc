/** WHAT A TOKEN IS LIMITED TO, in Speckle's words and as authorization details (RFC 9396 §2). */
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { scopeTokens } from '../../oauth/scope.ts';

export interface ResourceLimit {
  id: string;
  type: 'project' | 'workspace';
}

/** Limits as they are stored; undefined where there are none. */
export const detailsOfLimits = (
  limits: readonly ResourceLimit[] | null | undefined,
): AuthorizationDetail[] | undefined =>
  limits?.length ? limits.map(({ id, type }) => ({ type, identifier: id })) : undefined;

/** What a token is limited to; empty for one that is not limited. */
export const limitsOf = ({
  payload,
}: {
  payload: Record<string, unknown> | null;
}): AuthorizationDetail[] => (payload?.['rar'] ?? []) as AuthorizationDetail[];

/** What marks the token of an embed, which shows one project to anybody who has the address. */
const embedPrivilege = 'embed';

const embedScope = 'streams:read';

/** What such a token is: it reads, and one project alone. */
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

/** What a token embeds; undefined for one that is no token of an embed. */
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
