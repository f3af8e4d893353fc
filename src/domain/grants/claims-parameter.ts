/** The request of a single claim (OpenID Connect Core §5.5.1). */
type ClaimRequest = {
  essential?: boolean;
  value?: string;
  values?: string[];
};

/** The parameter `claims` (OpenID Connect Core §5.5); nothing if there is none, or it is no JSON object. */
export function parseClaims(text: string | undefined): {
  userinfo?: Record<string, ClaimRequest | null>;
  id_token?: Record<string, ClaimRequest | null>;
} {
  try {
    return JSON.parse(text ?? '{}') ?? {};
  } catch {
    return {};
  }
}
