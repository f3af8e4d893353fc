import { Provider } from 'oidc-provider';

/** When and how the person of a token signed in; members are absent if that is not known. */
export interface LoginContext {
  auth_time?: number;
  acr?: string;
  amr?: string[];
}

/**
 * The sign-in behind the code or refresh token that the current request redeems, for access tokens (RFC 9068 §2.2.1, RFC
 * 9470 §6). A refresh keeps that of its login. Nothing for tokens without a login.
 */
export function loginContext(): LoginContext {
  const { AuthorizationCode, DeviceCode, RefreshToken } = (Provider.ctx?.oidc?.entities ??
    {}) as Record<string, { authTime?: number; acr?: string; amr?: string[] } | undefined>;
  const { authTime, acr, amr } = AuthorizationCode ?? DeviceCode ?? RefreshToken ?? {};
  return {
    ...(authTime !== undefined && { auth_time: authTime }),
    ...(acr !== undefined && { acr }),
    ...(amr !== undefined && { amr }),
  };
}
