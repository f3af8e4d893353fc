import * as z from 'zod';
import { parameterError } from '../../oauth/errors.ts';

/** Maximum length of an email address of an account, in characters. */
export const emailLength = 320;

/** The form of the email addresses of accounts; without another constraint, so that each face can add its texts. */
export const emailAddress = z.email().max(emailLength);

/** Reads an email address that a person typed. Throws `invalid_request`. */
export function asEmailAddress(text: string): string {
  const { success, data } = emailAddress.safeParse(text.trim());
  if (success) return data;
  throw text.trim() === ''
    ? parameterError('invalid_request', 'email', 'enter your email address.', {
        kind: 'email_missing',
      })
    : parameterError('invalid_request', 'email', 'is not a valid email address.', {
        kind: 'email_invalid',
      });
}
