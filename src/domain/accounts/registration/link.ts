/** THE LINK OF A REGISTRATION. It is sealed and nothing of it is stored, so it is created when the email is sent. */
import { type Keyring, SealError } from '../../../crypto/sealing.ts';
import { isUuid } from '../../database/text-checks.ts';

const place = { table: 'registration', row: '', purpose: 'registration link' };

const maxLength = 500;

/** The value of the link with which the person of a registration confirms their address. */
export const sealRegistrationLink = (keyring: Keyring, registrationId: string): string =>
  keyring.seal(place, registrationId).toString('base64url');

/** The ID of the registration that a link is for; undefined if the link was not created here. */
export function openRegistrationLink(keyring: Keyring, value: string): string | undefined {
  if (value.length > maxLength) return undefined;
  try {
    const id = keyring.open(place, Buffer.from(value, 'base64url')).toString('utf8');
    return isUuid(id) ? id : undefined;
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
