import { acr } from '../../oauth/authentication-context.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { needsFactor } from '../clients/client-types.ts';
import { parseClaims } from './claims-parameter.ts';

/**
 * Whether a second factor must have been proven in the session that answers a request. `if_present`: only by people who have
 * set one up.
 */
export type FactorNeed = 'required' | 'if_present' | undefined;

/**
 * The second factor that a request needs: because its client requires one of each login, because `acr` is an essential claim
 * (OpenID Connect Core §5.5.1.1), or, as far as the person can, because of `acr_values` (§3.1.2.1) or a voluntary `acr`.
 */
export function factorNeed(
  client: { readonly metadata: Record<string, unknown> } | undefined,
  { acr_values: values, claims }: { acr_values?: string | undefined; claims?: string | undefined },
): FactorNeed {
  if (client && needsFactor(client)) return 'required';
  const claim = parseClaims(claims).id_token?.['acr'];
  const accepted = claim?.values ?? (claim?.value === undefined ? [] : [claim.value]);
  if (claim?.essential === true && accepted.length > 0)
    return accepted.includes(acr.oneFactor) ? undefined : 'required';
  // In order of preference.
  const [preferred] = [...scopeTokens(values), ...accepted].filter((value) => isAcr(value));
  return preferred === acr.twoFactors ? 'if_present' : undefined;
}

const isAcr = (value: string): boolean => value === acr.oneFactor || value === acr.twoFactors;
