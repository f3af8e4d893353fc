import { allows } from '../../oauth/permissions.ts';
import type { AuthorizationDetail, Caller } from './types.ts';

/** The caller in an introspection response, or in the claims of a JWT. */
export function callerOf(state: Readonly<Record<string, unknown>>, anonymous: boolean): Caller {
  const { client_id, sub, app, roles = [], entitlements = [], scope = '' } = state;
  const { authorization_details: details = [], acr, amr = [], auth_time: at } = state;
  const granted = entitlements as string[];
  return {
    clientId: String(client_id),
    subject: String(sub),
    app: app as string | undefined,
    roles: roles as string[],
    entitlements: granted,
    scope: String(scope).split(' ').filter(Boolean),
    authorizationDetails: details as AuthorizationDetail[],
    signIn:
      acr === undefined || at === undefined
        ? undefined
        : { acr: String(acr), amr: amr as string[], at: new Date(Number(at) * 1000) },
    anonymous,
    may: (permission) => allows(granted, permission),
  };
}
