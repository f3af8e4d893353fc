import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { createIdempotency, type Idempotency } from '../../domain/database/idempotency.ts';
import type { Form } from '../../http/form.ts';
import type { Person } from './browser-session.ts';

/** What a form that makes something carries, under the name `idempotency_key`: no two forms the same. */
export const newFormKey = (): string => randomAlphanumeric(22);

/**
 * A form that is sent twice, as by a double click, makes one thing, and shows it again for half a minute.
 * Later, as where its answer is loaded again, it is refused. One that was filled in otherwise is another.
 * Undefined for a form without its key, which makes what it says.
 */
export function idempotencyOf({ sessionValue }: Person, form: Form): Idempotency | undefined {
  // Pages of 0.1.0 called the field `once`: one that was open during the upgrade is sent with it.
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
