/** The paths that apps call. */
export const appPaths = {
  accessCode: '/auth/accesscode',
  token: '/auth/token',
  logout: '/auth/logout',
} as const;
