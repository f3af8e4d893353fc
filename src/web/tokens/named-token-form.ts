/** What the forms of personal access tokens and of API keys share. */
import type { TokenFormState } from '../../../views/components/named-token-form.ts';
import type { TokenField } from '../../../views/components/token.ts';
import type { Form } from '../../http/form.ts';
import { tryForm } from '../framework/forms.ts';

/** Each field of the forms, with the parameter that it stands for. */
const fields: Record<TokenField, string> = {
  name: 'name',
  scope: 'scope',
  details: 'authorization_details',
  overlap: 'overlap_seconds',
  expiry: 'expires_at',
};

/** As `tryForm`, with the fields of a token: `refuse` gets what the form is shown again with. */
export const tryTokenForm = (
  form: Form,
  run: () => Promise<void>,
  refuse: (state: TokenFormState, status: number) => Promise<void>,
): Promise<void> =>
  tryForm<TokenField>(
    run,
    ({ problems, general, status }) => refuse({ values: form, problems, problem: general }, status),
    fields,
  );

/**
 * When a token expires, as `views/components/expiry-choice.ts` wrote it: null for never, undefined for no change. The
 * domain refuses the invalid date that anything unreadable becomes, together with what else is wrong.
 */
export function expiryOf({ expiry = '', expiry_date = '' }: Form): Date | null | undefined {
  if (expiry === 'keep') return undefined;
  if (expiry === 'never') return null;
  if (expiry === 'date') return endOfDay(expiry_date);
  return /^[1-9]\d{0,9}$/.test(expiry)
    ? new Date(Date.now() + Number(expiry) * 1000)
    : invalidDate();
}

/** The last second of a day in UTC: the server does not know the time zone of the browser. */
function endOfDay(day: string): Date {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return invalidDate();
  const end = new Date(`${day}T23:59:59Z`);
  // A day such as 31 February becomes one in March.
  return end.getTime() && end.toISOString().startsWith(day) ? end : invalidDate();
}

const invalidDate = (): Date => new Date(Number.NaN);
