import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { createIdempotency, type Idempotency } from '../../domain/database/idempotency.ts';
import type { Form } from '../../http/form.ts';
import type { Person } from './browser-session.ts';

/** The value of `idempotency_key` in a form that creates something: no two forms have the same. */
export const newFormKey = (): string => randomAlphanumeric(22);

/**
 * A form that is sent twice, as by a double click, creates one thing, and shows it again for half a minute. After that,
 * as when the page is reloaded, it is refused. With other values it is another form. Undefined for a form without a key.
 */
export function idempotencyOf({ sessionValue }: Person, form: Form): Idempotency | undefined {
  // Pages of 0.1.0 called the field `once`; one may have been open during the upgrade.
  if (!form['idempotency_key'] && !form['once']) return undefined;
  const text = JSON.stringify(form);
  return createIdempotency({
    key: text,
    credential: sessionValue,
    fingerprint: sha256(text),
    seconds: lifetimes.redemptionWindow,
    retainSeconds: lifetimes.sentForm,
  });
}
