/** WHO CAN REGISTER: the rules of REGISTRATION_DOMAINS and REGISTRATION_ROLES. */
import { domainToASCII } from 'node:url';
import { administratorRole } from './roles.ts';

/** Whether people can create accounts themselves, and whether an administrator approves each. */
export type RegistrationMode = 'off' | 'open' | 'approval';

const itemsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  ),
];

const domain =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/;

/** Parses REGISTRATION_DOMAINS. Returns the domains in lower case and in ASCII, or what is wrong. */
export function readDomains(text: string): { domains: string[] } | { problem: string } {
  const domains: string[] = [];
  for (const given of itemsOf(text)) {
    const [, wildcard = '', name = ''] = /^(\*\.)?(.*)$/s.exec(given) ?? [];
    const ascii = domainToASCII(name);
    if (!domain.test(ascii))
      return {
        problem: `must be domains such as acme.com or *.acme.com, separated by commas; ${JSON.stringify(given.slice(0, 100))} is not`,
      };
    domains.push(wildcard + ascii);
  }
  return { domains: [...new Set(domains)] };
}

/** Parses REGISTRATION_ROLES. Whether the roles exist is checked in the database. */
export function readRegistrationRoles(text: string): { roles: string[] } | { problem: string } {
  const roles = itemsOf(text);
  return roles.includes(administratorRole)
    ? { problem: `must not contain ${administratorRole}: anyone could administer this server` }
    : { roles };
}

/** Whether an email address is at one of the domains. `*.acme.com` does not contain acme.com itself. */
export function isAtDomain(email: string, domains: readonly string[]): boolean {
  const at = domainToASCII(email.slice(email.lastIndexOf('@') + 1));
  return domains.some((allowed) =>
    allowed.startsWith('*.') ? at.endsWith(allowed.slice(1)) && at !== '' : at === allowed,
  );
}
