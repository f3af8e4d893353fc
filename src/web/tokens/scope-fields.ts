import { readOnlyField, scopeField } from '../../../views/tokens/new.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import type { Form } from '../../http/form.ts';
import { linesOf } from '../framework/forms.ts';

/** The scopes whose checkboxes are ticked. */
export const scopesIn = (form: Form): string[] =>
  Object.keys(form)
    .filter((name) => name.startsWith(scopeField('')))
    .map((name) => name.slice(scopeField('').length));

/**
 * The authorization details that a form limits a token to (RFC 9396 §2): one for each identifier, or one for all
 * objects of a type if only its actions are limited. The domain refuses what the API does not have: a token without the
 * limit would do more than the person chose.
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
