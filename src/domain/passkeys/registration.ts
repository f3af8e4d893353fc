import { randomBytes } from 'node:crypto';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { passkeys as config } from '../../../config/passkeys.ts';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { requireNoFactor } from '../accounts/account-factors.ts';
import type { RecoveryCodes } from '../accounts/recovery-codes.ts';
import { forgetBrowsers } from '../accounts/remembered-browsers.ts';
import { lockAccount, raiseSession } from '../accounts/sessions.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { recordMail } from '../mail/outbox.ts';
import { displayName } from '../names/display-names.ts';
import { amrOfPasskey } from './assertions.ts';
import { authenticatorName, knownAaguid } from './authenticators.ts';
import type { Challenges } from './challenges.ts';
import { PasskeyRefused } from './refusal.ts';
import type { RelyingParty } from './relying-party.ts';
import { algorithms, readRegistration } from './verification.ts';

/** Bytes of the random ID by which authenticators know an account; the maximum of WebAuthn §5.4.3. */
const handleLength = 64;

/** The answer of a browser that was asked to create a passkey. */
export interface NewPasskey {
  accountId: string;
  /** The session in which it is added; it has proven the passkey then. */
  sessionId: string;
  /** The value that the challenge was created with. */
  browser: string;
  /** JSON, as `PublicKeyCredential.toJSON()` returns it. */
  response: string;
  /** The name that the person chose; empty for that of the authenticator. */
  name?: string | undefined;
  /** The browser in words, for a passkey that has no other name. */
  device: string;
  /** Refuses it if the account has a factor by now, which the person must prove instead. */
  onlyFirst?: boolean | undefined;
}

/** What the person gets with a passkey. */
export interface AddedPasskey {
  id: string;
  name: string;
  /** What adding it has proven. */
  amr: string[];
  /** The new value of the session's cookie; undefined if it has ended. */
  session: string | undefined;
  /** With the first second factor of an account, to be shown once. */
  recoveryCodes: string[] | undefined;
}

/**
 * Adds passkeys to accounts (WebAuthn §7.1). The caller acts as the person, and asks for a recent sign-in. Attestation is not
 * asked for: any authenticator can be used.
 */
export function createPasskeyRegistration({
  database: { kysely },
  challenges,
  recoveryCodes,
  relyingParty,
}: {
  database: Pick<Database, 'kysely'>;
  challenges: Challenges;
  recoveryCodes: Pick<RecoveryCodes, 'issueIfNone'>;
  relyingParty: RelyingParty;
}) {
  return {
    /** What the browser creates a passkey from. */
    async options(
      accountId: string,
      browser: string,
    ): Promise<PublicKeyCredentialCreationOptionsJSON> {
      const { account, known } = await orUnavailable(() => find(kysely, accountId));
      const { id, name } = relyingParty;
      return {
        rp: { id, name },
        user: {
          id: account.handle.toString('base64url'),
          name: account.email ?? account.name,
          displayName: account.name,
        },
        challenge: challenges.create({ purpose: 'register', browser, accountId }),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        timeout: config.challengeLifetime * 1000,
        attestation: 'none',
        excludeCredentials: known.map(({ credential_id, transports }) => ({
          type: 'public-key',
          id: credential_id.toString('base64url'),
          transports: transports as never[],
        })),
        // A security key that cannot store it, or cannot verify the person, can still be a second factor.
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
        extensions: { credProps: true },
      };
    },

    /**
     * Adds a passkey. Throws PasskeyRefused if the answer is not valid, the account has the maximum, or the passkey exists, and
     * `invalid_request` for the name, and `conflict` for `onlyFirst`.
     */
    async add({
      accountId,
      sessionId,
      browser,
      response,
      name = '',
      device,
      onlyFirst = false,
    }: NewPasskey): Promise<AddedPasskey> {
      const given = displayName(name, {
        parameter: 'name',
        maxLength: config.nameLength,
        mayBeEmpty: true,
      });
      const answer = readRegistration(response);
      if (!answer) throw new PasskeyRefused('wrong', { accountId });
      const challenge = challenges.open(answer.challenge, {
        purpose: 'register',
        browser,
        accountId,
      });
      if (!challenge) throw new PasskeyRefused('expired', { accountId });
      const created = await answer.verify(relyingParty);
      if (!created) throw new PasskeyRefused('wrong', { accountId });
      const { credentialId, publicKey, counter, transports, aaguid } = created;
      const row = {
        account_id: accountId,
        credential_id: credentialId,
        public_key: publicKey,
        counter,
        transports,
        aaguid: knownAaguid(aaguid),
        backup_eligible: created.backupEligible,
        backed_up: created.backedUp,
        user_verified: created.userVerified,
      };
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          if (onlyFirst) await requireNoFactor(transaction, accountId);
          if (!(await challenges.use(transaction, challenge)))
            throw new PasskeyRefused('expired', { accountId });
          const names = await namesOf(transaction, accountId);
          if (names.length >= config.perAccount) throw new PasskeyRefused('full', { accountId });
          const chosen = given || distinct(authenticatorName(aaguid, transports, device), names);
          const { id } = await transaction
            .insertInto('passkey')
            .values({ ...row, name: chosen })
            .returning('id')
            .executeTakeFirstOrThrow();
          const issued = await recoveryCodes.issueIfNone(transaction, accountId);
          await forgetBrowsers(transaction, accountId);
          await recordEvent(transaction, {
            action: 'passkey.added',
            target: { kind: 'account', id: accountId },
            details: { passkey_id: id, name: chosen, user_verified: created.userVerified },
          });
          await recordMail(transaction, {
            kind: 'passkey_added',
            accountId,
            details: { name: chosen, at: new Date().toISOString() },
          });
          const amr = amrOfPasskey(created.backupEligible);
          const session = await raiseSession(transaction, accountId, sessionId, amr);
          return { id, name: chosen, amr, session, recoveryCodes: issued };
        }),
      ).catch((cause: unknown) => {
        throw isUniqueViolation(cause) ? new PasskeyRefused('known', { accountId, cause }) : cause;
      });
    },
  };
}

/** The account with its handle, which it gets now if it has none, and its passkeys. */
async function find(connection: Connection, accountId: string) {
  const account =
    (await connection
      .updateTable('account')
      .set({ passkey_handle: randomBytes(handleLength) })
      .where('id', '=', accountId)
      .where('disabled_at', 'is', null)
      .where('passkey_handle', 'is', null)
      .returning(['name', 'email', 'passkey_handle'])
      .executeTakeFirst()) ??
    (await connection
      .selectFrom('account')
      .select(['name', 'email', 'passkey_handle'])
      .where('id', '=', accountId)
      .where('disabled_at', 'is', null)
      .executeTakeFirst());
  if (!account?.passkey_handle)
    throw new OAuthError('access_denied', 'The account is disabled or does not exist.');
  const known = await connection
    .selectFrom('passkey')
    .select(['credential_id', 'transports'])
    .where('account_id', '=', accountId)
    .execute();
  return { account: { ...account, handle: account.passkey_handle }, known };
}

const namesOf = async (transaction: Connection, accountId: string): Promise<string[]> =>
  (
    await transaction
      .selectFrom('passkey')
      .select('name')
      .where('account_id', '=', accountId)
      .execute()
  ).map(({ name }) => name);

/** A name that no other passkey of the account has: with a number if necessary. */
function distinct(name: string, others: readonly string[]): string {
  if (!others.includes(name)) return name;
  for (let number = 2; ; number++)
    if (!others.includes(`${name} ${number}`)) return `${name} ${number}`;
}

export type PasskeyRegistration = ReturnType<typeof createPasskeyRegistration>;
