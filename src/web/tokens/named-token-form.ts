/** What the forms of personal access tokens and of API keys have in common. */
import type { TokenField } from '../../../views/components/token.ts';
import type { Form } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Refusal, tryForm } from '../framework/forms.ts';

/** The parameters that the fields stand for. */
const fields: Record<TokenField, string> = {
  name: 'name',
  scope: 'scope',
  details: 'authorization_details',
  expiry: 'expires_at',
  overlap: 'overlap_seconds',
};

/** As `tryForm`, for the fields of a token. */
export const tryTokenForm = (
  run: () => Promise<void>,
  refuse: (refusal: Refusal<TokenField>) => Promise<void>,
): Promise<void> => tryForm(run, refuse, fields);

/**
 * When something ends, as a form chose it (`views/components/expiry-choice.ts`): null for never, undefined
 * where it stays as it is. Throws `invalid_request`. How long it may be is the domain's to say.
 */
export function expiryOf({ expiry = '', expiry_date = '' }: Form): Date | null | undefined {
  if (expiry === 'keep') return undefined;
  if (expiry === 'never') return null;
  if (expiry === 'date') return endOfDay(expiry_date);
  if (/^[1-9]\d{0,9}$/.test(expiry)) return new Date(Date.now() + Number(expiry) * 1000);
  throw new OAuthError('invalid_request', 'Choose when it expires.', { parameter: 'expires_at' });
}

/** The last moment of a day in UTC, where everybody's day is the same. */
function endOfDay(day: string): Date {
  const end = new Date(`${day}T23:59:59Z`);
  if (
    !/^\d{4}-\d\d-\d\d$/.test(day) ||
    Number.isNaN(end.getTime()) ||
    !end.toISOString().startsWith(day)
  )
    throw new OAuthError('invalid_request', 'Give the date when it expires, such as 2030-12-31.', {
      parameter: 'expires_at',
    });
  return end;
}
