/** THE CLAIMS PARAMETER (OpenID Connect Core §5.5): single claims that a request asks for. */
import { type ClaimsParameter, errors } from 'oidc-provider';
import { acrValues } from '../oauth/authentication-context.ts';

/**
 * Checks the `claims` of a request, which the engine has parsed. Throws `invalid_request` for members that are not null
 * or objects, and `unmet_authentication_requirements` if `acr` is essential with values that no sign-in has
 * (§5.5.1.1). A `sub` with a value is compared with the person who signs in.
 */
export function checkClaimsParameter(_ctx: unknown, claims: ClaimsParameter): void {
  for (const place of ['userinfo', 'id_token'] as const)
    for (const [name, request] of Object.entries(claims[place] ?? {}))
      if (typeof request !== 'object' || Array.isArray(request))
        throw new errors.InvalidRequest(
          `claims: ${place}.${printable(name)} must be null or an object`,
        );
  const acr = claims.id_token?.['acr'];
  if (acr?.essential !== true) return;
  const accepted: unknown = acr.values ?? [acr.value];
  if (!Array.isArray(accepted))
    throw new errors.InvalidRequest('claims: id_token.acr.values must be an array');
  if (accepted.every((value) => value !== undefined && !acrValues.includes(value)))
    throw new errors.UnmetAuthenticationRequirements(
      `this server has only these values of acr: ${acrValues.join(', ')}`,
    );
}

const printable = (name: string): string => (/^[\w.-]{1,50}$/.test(name) ? name : 'a member');
