/** What the forms of personal access tokens and of API keys have in common. */
import type { TokenField } from '../../../views/components/token.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';

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

/**
 * When something ends, as a form chose it (`views/parts/expiry-choice.ts`): null for never, undefined
 * where it stays as it is. Throws `invalid_request`. How long it may be is the domain's to say.
 */
export function expiryOf({ expiry = '', expiry_date = '' }: Form): Date | null | undefined {
  if (expiry === 'keep') return undefined;
  if (expiry === 'never') return null;
  if (expiry === 'date') return endOfDay(expiry_date);
  if (/^[1-9]\d{0,9}$/.test(expiry)) return new Date(Date.now() + Number(expiry) * 1000);
  throw new OAuthError('invalid_request', 'Choose when it expires.');
}

/** The last moment of a day in UTC, where everybody's day is the same. */
function endOfDay(day: string): Date {
  const end = new Date(`${day}T23:59:59Z`);
  if (
    !/^\d{4}-\d\d-\d\d$/.test(day) ||
    Number.isNaN(end.getTime()) ||
    !end.toISOString().startsWith(day)
  )
    throw new OAuthError('invalid_request', 'Give the date when it expires, such as 2030-12-31.');
  return end;
}
