import { readOnlyField, scopeField } from '../../../views/account-token-new.ts';
import type { TokenField } from '../../../views/parts/token.ts';
import type { AuthorizationDetail } from '../../domain/owned-tokens/types.ts';
import type { Form } from '../../http/form.ts';
import { linesOf, type Refusal, tryForm } from '../apps/page.ts';

/** The words by which a refusal says which field it is about; what somebody typed may stand in it, too. */
const fields: Record<TokenField, RegExp> = {
  name: /^(The name of a token|You have a token called) /,
  scope: /is no scope of|at least one (of these )?scope/i,
  details: /^authorization_details: /,
  expiry: /^expires_at: |when it expires/,
  overlap: /goes on for/,
};

/** As `tryForm`, in words for people. */
export const tryTokenForm = (
  run: () => Promise<void>,
  refuse: (refusal: Refusal<TokenField>) => Promise<void>,
): Promise<void> =>
  tryForm(
    run,
    ({ problem, ...rest }) => refuse({ ...rest, problem: withoutParameter(problem) }),
    fields,
  );

/** Rules name the parameter of the API that they are about; a page shows the problem at its field. */
function withoutParameter(problem: string): string {
  const text = problem.replace(/^[a-z_]+: /, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The scopes whose boxes are ticked. */
export const scopesIn = (form: Form): string[] =>
  Object.keys(form)
    .filter((name) => name.startsWith(scopeField('')))
    .map((name) => name.slice(scopeField('').length));

/**
 * The single things that a form limits a token to (RFC 9396 §2): each that is named, or all of a type where
 * only what may be done with them is. What the API does not know is the domain's to refuse: a token without
 * the limit would be more than was asked for.
 */
export function detailsIn(form: Form): AuthorizationDetail[] {
  const limits = new Map<string, { identifiers: string[]; actions: string[] }>();
  for (const name of Object.keys(form)) {
    const field = readOnlyField(name);
    if (!field) continue;
    const { identifiers, actions } = limits.get(field.type) ?? { identifiers: [], actions: [] };
    limits.set(
      field.type,
      field.action === undefined
        ? { identifiers: [...new Set(linesOf(form[name]))], actions }
        : { identifiers, actions: [...actions, field.action] },
    );
  }
  return [...limits].flatMap(([type, { identifiers, actions }]): AuthorizationDetail[] => {
    const limit = { type, ...(actions.length > 0 && { actions }) };
    if (identifiers.length > 0) return identifiers.map((identifier) => ({ ...limit, identifier }));
    return actions.length > 0 ? [limit] : [];
  });
}
