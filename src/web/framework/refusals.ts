/** What refusals of the domain say on a page, by their reason. */

import type { Messages } from '../../../views/messages/index.ts';
import { domainsInWords } from '../../../views/sign-in/register.ts';
import { type PasswordRefused, passwordLength } from '../../domain/accounts/password-policy.ts';
import { nameLength } from '../../domain/accounts/profile.ts';
import type { PasskeyRefused } from '../../domain/passkeys/refusal.ts';
import type { ErrorDetail } from '../../oauth/errors.ts';

/** Why a password was refused. */
export function passwordProblem(
  { reason }: Pick<PasswordRefused, 'reason'>,
  { passwordRefused: said }: Messages,
): string {
  if (reason === 'too_short') return said.too_short(passwordLength.min);
  if (reason === 'too_long') return said.too_long(passwordLength.max);
  return said[reason];
}

/** Why a passkey was refused. That its account is disabled is not said: it does not work, and that is all. */
export function passkeyProblem(
  { reason, message }: Pick<PasskeyRefused, 'reason' | 'message'>,
  { passkeyRefused: said }: Messages,
): string {
  if (reason === 'disabled') return said.wrong;
  return reason === 'limited' ? message : said[reason];
}

/** What is wrong with the form of a registration. The domain says it in English, and in more detail. */
export const registrationProblem =
  (messages: Messages, domains: readonly string[]) =>
  ({ kind }: ErrorDetail): string | undefined => {
    const { code, problems, passwordRefused } = messages;
    if (code === 'en' || !kind) return undefined;
    const [first, reason = ''] = kind.split('.');
    if (first === 'password' && Object.hasOwn(passwordRefused, reason))
      return passwordProblem({ reason: reason as PasswordRefused['reason'] }, messages);
    const said: Record<string, string> = {
      email_missing: problems.noEmail,
      email_invalid: problems.emailInvalid,
      email_domain: problems.emailDomain(domainsInWords(domains, messages)),
      name_missing: problems.noName,
      name_too_long: problems.nameTooLong(nameLength),
      name_unusable: problems.nameUnusable,
      repeat: problems.repeat,
      terms: problems.terms,
    };
    return said[kind];
  };
