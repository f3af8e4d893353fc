/**
 * PEOPLE WHO REGISTER THEMSELVES: they type an email address, and choose a password with a link that is sent to it. The
 * address belongs to no one before that, and nothing tells whether it has an account: a request is stored without
 * looking, and only the email says which of the two it is.
 */
import { sql } from 'kysely';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { isAtDomain, type RegistrationMode } from '../../../../config/registration.ts';
import type { Database } from '../../../../db/database.ts';
import { isUniqueViolation } from '../../../../db/errors.ts';
import type { AcceptedTerms, Connection } from '../../../../db/schema.ts';
import { type PasswordHasher, passwordHasher } from '../../../crypto/password.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { checkEach } from '../../../oauth/check-each.ts';
import { parameterError } from '../../../oauth/errors.ts';
import { recordEvent } from '../../audit/events.ts';
import { orUnavailable } from '../../database/retry.ts';
import { LimitReached, type Limits } from '../../limits/rate-limits.ts';
import type { RequestLimitCounter } from '../../limits/request-limits.ts';
import { recordMail } from '../../mail/outbox.ts';
import { displayName } from '../../names/display-names.ts';
import { accountNameLength } from '../accounts.ts';
import { asEmailAddress } from '../email-address.ts';
import { laneOfPerson, unlessQueueFull } from '../password-hashing.ts';
import {
  normalizePassword,
  PasswordRefused,
  type Product,
  requireGoodPassword,
} from '../password-policy.ts';
import { passwordVersion } from '../password-version.ts';
import { byPerson } from '../sessions.ts';
import { createAttempts } from '../sign-in-attempts.ts';
import { notifyOfWaiting } from './approval.ts';
import { openRegistrationLink } from './link.ts';

/** Characters of a name that a password is compared with; a longer one is refused. */
const longestName = 500;

/** How an installation lets people register. */
export interface RegistrationRules {
  mode: Exclude<RegistrationMode, 'off'>;
  /** The domains of addresses that can register; empty for any. */
  domains: readonly string[];
  /** The roles of new accounts. */
  roles: readonly string[];
  termsUrl?: string | undefined;
  privacyUrl?: string | undefined;
}

/** What a person enters to create the account of a link. */
export interface Confirmation {
  /** The value of the link. */
  value: string;
  name: string;
  password: string;
  /** The password again. */
  repeat: string;
  /** Whether they accept the terms, if the installation has any. */
  acceptsTerms: boolean;
  ip: string | undefined;
}

/** A new account. */
export interface Registered {
  accountId: string;
  passwordVersion: string;
  /** An administrator has to approve it before the person can sign in. */
  isWaiting: boolean;
}

interface Dependencies {
  database: Pick<Database, 'kysely'>;
  keyring: Keyring;
  product: Product;
  limits: Limits;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  /** Whether links arrive by email. An administrator can read those of the outbox, so they verify no address. */
  sendsEmails: boolean;
  hasher?: PasswordHasher | undefined;
}

/** Registration by the given rules; undefined if people cannot register. */
export function createRegistration(
  {
    database: { kysely },
    keyring,
    product,
    limits,
    requestLimits,
    sendsEmails,
    hasher = passwordHasher,
  }: Dependencies,
  rules: RegistrationRules | undefined,
) {
  if (!rules) return undefined;
  const { mode, domains, roles, termsUrl, privacyUrl } = rules;
  const { resetWrongInARow } = createAttempts({ limits });
  const hasTerms = termsUrl !== undefined || privacyUrl !== undefined;

  const isAllowed = (email: string) => domains.length === 0 || isAtDomain(email, domains);

  /** The registration of a link whose address has no account, and so can still get one. */
  const pending = async (value: string): Promise<{ id: string; email: string } | undefined> => {
    const id = openRegistrationLink(keyring, value);
    if (id === undefined) return undefined;
    const found = await orUnavailable(() =>
      kysely
        .selectFrom('registration as r')
        .select(['r.id', 'r.email'])
        .where('r.id', '=', id)
        .where('r.expires_at', '>', sql<Date>`now()`)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('account as a')
                .select('a.id')
                .where(sql<boolean>`lower(a.email) = lower(r.email)`),
            ),
          ),
        )
        .executeTakeFirst(),
    );
    return found && isAllowed(found.email) ? found : undefined;
  };

  /** Emails to one address are limited without a word: the answer must not depend on what others typed. */
  const isWithinLimitOfAddress = async (email: string): Promise<boolean> => {
    try {
      await requestLimits.count('registration.address', {
        ip: undefined,
        address: email.toLowerCase(),
      });
      return true;
    } catch (error) {
      if (error instanceof LimitReached) return false;
      throw error;
    }
  };

  return {
    rules,

    /**
     * Stores a request and queues the email, the same way for every address. Throws `invalid_request` for the parameter
     * `email`, and LimitReached.
     */
    async request({ email: typed, ip }: { email: string; ip: string | undefined }): Promise<void> {
      const email = asEmailAddress(typed);
      if (!isAllowed(email))
        throw parameterError('invalid_request', 'email', `must be at ${domainsInWords(domains)}.`, {
          kind: 'email_domain',
        });
      await requestLimits.count('registration.network', { ip });
      await requestLimits.count('registration.installation', { ip });
      if (!(await isWithinLimitOfAddress(email))) return;
      await orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const { id } = await transaction
            .insertInto('registration')
            .values({
              email,
              expires_at: sql<Date>`now() + ${sql.lit(lifetimes.registration)} * interval '1 second'`,
            })
            .returning('id')
            .executeTakeFirstOrThrow();
          await recordMail(transaction, {
            kind: 'registration_confirm',
            recipient: email,
            details: { registration_id: id },
          });
        }),
      );
    },

    /** The address that a link confirms; undefined if the link no longer works. */
    find: async (value: string): Promise<{ email: string } | undefined> => {
      const found = await pending(value);
      return found && { email: found.email };
    },

    /**
     * Creates the account of a link, and consumes the link. Of several links for one address, the first that is used gets
     * it. Undefined if the link no longer works. Throws `invalid_request` with each problem of `name`, `password`,
     * `repeat` and `terms`, and `temporarily_unavailable` if too many passwords are being hashed.
     */
    async confirm(given: Confirmation): Promise<Registered | undefined> {
      const { value, password, ip } = given;
      const registration = await pending(value);
      if (!registration) return undefined;
      const { id, email } = registration;
      const { name } = await checkEach({
        name: () => displayName(given.name, { parameter: 'name', maxLength: accountNameLength }),
        password: () =>
          requirePassword(password, { name: given.name.slice(0, longestName), email, product }),
        repeat: () => {
          if (given.repeat !== password)
            throw parameterError('invalid_request', 'repeat', 'the two passwords are different.', {
              kind: 'repeat',
            });
        },
        terms: () => {
          if (hasTerms && !given.acceptsTerms)
            throw parameterError('invalid_request', 'terms', 'accept them to create an account.', {
              kind: 'terms',
            });
        },
      });
      const hash = await unlessQueueFull(() =>
        hasher.hash(normalizePassword(password), laneOfPerson(id, ip)),
      );
      // Wrong passwords for this address were not this person's. Outside the transaction: see `invitations.ts`.
      await resetWrongInARow(email.toLowerCase());
      try {
        return await orUnavailable(() =>
          kysely
            .transaction()
            .execute((transaction) => insertAccount(transaction, { id, name, hash, ip })),
        );
      } catch (error) {
        // Another link for the address was used at the same time.
        if (isUniqueViolation(error)) return undefined;
        throw error;
      }
    },
  };

  async function insertAccount(
    transaction: Connection,
    { id, name, hash, ip }: { id: string; name: string; hash: string; ip: string | undefined },
  ): Promise<Registered | undefined> {
    const consumed = await transaction
      .deleteFrom('registration')
      .where('id', '=', id)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning(['email', sql<Date>`now()`.as('now')])
      .executeTakeFirst();
    if (!consumed) return undefined;
    const { email, now } = consumed;
    const terms: AcceptedTerms | undefined = hasTerms
      ? {
          terms_url: termsUrl ?? null,
          privacy_url: privacyUrl ?? null,
          accepted_at: now.toISOString(),
        }
      : undefined;
    const isWaiting = mode === 'approval';
    const account = await transaction
      .insertInto('account')
      .values({
        email,
        name,
        email_verified: sendsEmails,
        roles: await existing(transaction, roles),
        password_hash: hash,
        password_changed_at: sql<Date>`now()`,
        disabled_at: isWaiting ? sql<Date>`now()` : null,
        approval_requested_at: isWaiting ? sql<Date>`now()` : null,
        accepted_terms: terms ? JSON.stringify(terms) : null,
      })
      .returning(['id', 'roles', sql<string>`${sql.raw(passwordVersion)}`.as('passwordVersion')])
      .executeTakeFirstOrThrow();
    await byPerson(account.id, ip, () =>
      recordEvent(transaction, {
        action: 'account.registered',
        target: { kind: 'account', id: account.id },
        details: {
          email,
          roles: account.roles,
          ...(isWaiting && { awaits_approval: true }),
          ...(terms && { terms_url: terms.terms_url, privacy_url: terms.privacy_url }),
        },
      }),
    );
    if (isWaiting) await notifyOfWaiting(transaction);
    return { accountId: account.id, passwordVersion: account.passwordVersion, isWaiting };
  }
}

/** The roles that exist: one that was deleted since the start keeps no one from registering. */
async function existing(transaction: Connection, roles: readonly string[]): Promise<string[]> {
  if (roles.length === 0) return [];
  const rows = await transaction
    .selectFrom('role')
    .select('name')
    .where('name', 'in', roles)
    .orderBy('name')
    .forKeyShare()
    .execute();
  return rows.map(({ name }) => name);
}

/** Throws `invalid_request` for the parameter `password`. */
async function requirePassword(...given: Parameters<typeof requireGoodPassword>): Promise<void> {
  try {
    await requireGoodPassword(...given);
  } catch (error) {
    if (!(error instanceof PasswordRefused)) throw error;
    throw parameterError('invalid_request', 'password', error.message, {
      kind: `password.${error.reason}`,
    });
  }
}

/** Domains as people read them: "acme.com, or a subdomain of acme.org". */
export function domainsInWords(domains: readonly string[]): string {
  const words = domains.map((domain) =>
    domain.startsWith('*.') ? `a subdomain of ${domain.slice(2)}` : domain,
  );
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export type Registration = NonNullable<ReturnType<typeof createRegistration>>;
