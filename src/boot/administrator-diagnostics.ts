import type { Connection } from '../../db/schema.ts';
import { administrators } from '../domain/accounts/administrators.ts';
import { type Check, ok, warning } from './check.ts';

/** Checks that someone can sign in as an administrator. */
export async function diagnoseAdministrators(kysely: Connection): Promise<Check[]> {
  const all = await administrators(kysely);
  const [first] = all;
  if (!first)
    return [
      warning(
        'administrators',
        'There is no active administrator, so no one can manage this installation in a browser.',
        'Run writ setup --email ADDRESS with the settings of the server.',
      ),
    ];
  const count = all.filter(({ canSignIn }) => canSignIn).length;
  if (count === 0)
    return [
      warning(
        'administrators',
        'No administrator has chosen a password yet.',
        `Run writ accounts invite ${first.email ?? first.id}: it prints a link.`,
      ),
    ];
  return [
    ok(
      'administrators',
      count === 1 ? 'One administrator can sign in.' : `${count} administrators can sign in.`,
    ),
  ];
}
