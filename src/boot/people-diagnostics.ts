/** How people get accounts, and what keeps them from it. */
import type { Settings } from '../../config/settings.ts';
import type { Connection } from '../../db/schema.ts';
import { domainsInWords } from '../domain/accounts/registration/registration.ts';
import { type Check, ok, warning } from './check.ts';

/** Who can register, whether the roles that they get exist, and how many wait for an administrator. */
export async function diagnoseRegistration(
  kysely: Connection,
  {
    REGISTRATION: mode,
    REGISTRATION_DOMAINS: domains,
    REGISTRATION_ROLES: roles,
  }: Pick<Settings, 'REGISTRATION' | 'REGISTRATION_DOMAINS' | 'REGISTRATION_ROLES'>,
): Promise<Check> {
  const name = 'registration';
  if (mode === 'off') return ok(name, 'People cannot register; administrators create accounts.');
  const found = roles.length
    ? await kysely.selectFrom('role').select('name').where('name', 'in', roles).execute()
    : [];
  const missing = roles.filter((role) => !found.some((row) => row.name === role));
  if (missing.length > 0)
    return warning(
      name,
      `People who register do not get the role ${missing.join(', ')}, which does not exist.`,
      'Create it with writ roles set, or change REGISTRATION_ROLES.',
    );
  const waiting = await kysely
    .selectFrom('account')
    .select(({ fn }) => fn.countAll<string>().as('number'))
    .where('approval_requested_at', 'is not', null)
    .executeTakeFirstOrThrow();
  const who = domains.length > 0 ? `People at ${domainsInWords(domains)}` : 'Everyone';
  const given = roles.length > 0 ? ` They get the role ${roles.join(', ')}.` : '';
  const approval = mode === 'approval' ? ' after the approval of an administrator' : '';
  const queue = Number(waiting.number) > 0 ? ` ${waiting.number} wait for approval.` : '';
  return ok(name, `${who} can register${approval}.${given}${queue}`);
}
