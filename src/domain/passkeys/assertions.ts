import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { sql } from 'kysely';
import { passkeys as config } from '../../../config/passkeys.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { equal } from '../../crypto/digest.ts';
import { byPerson, lockAccount } from '../accounts/sessions.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { recordMail } from '../mail/outbox.ts';
import type { Challenged, Challenges, OpenedChallenge, Purpose } from './challenges.ts';
import { PasskeyRefused } from './refusal.ts';
import type { RelyingParty } from './relying-party.ts';
import { readAssertion, type VerifiedAssertion } from './verification.ts';

/** A valid assertion that has not taken effect yet. */
interface Checked extends VerifiedAssertion {
  passkey: {
    id: string;
    account_id: string;
    name: string;
    user_verified: boolean;
    email: string | null;
  };
  challenge: OpenedChallenge;
  purpose: Purpose;
}

/** What a person has proven with a passkey. */
export interface PasskeyProof {
  accountId: string;
  passkeyId: string;
  /** See `amrOfPasskey`. */
  amr: string[];
}

/**
 * How a person proved a passkey (RFC 8176): `swk` if it can be copied to other devices, otherwise `hwk`, and that they were there.
 * Verification is a factor besides possession, and so is the password before a passkey without it: `mfa`.
 */
export const amrOfPasskey = (backupEligible: boolean): string[] => [
  backupEligible ? 'swk' : 'hwk',
  'user',
  'mfa',
];

/** Asks for the passkeys of people, and verifies what their authenticators sign (WebAuthn §7.2). */
export function createAssertions({
  database: { kysely },
  challenges,
  relyingParty,
}: {
  database: Pick<Database, 'kysely'>;
  challenges: Challenges;
  relyingParty: RelyingParty;
}) {
  /**
   * Verifies an answer and changes nothing. Whether a passkey is unknown or its signature is wrong makes no difference to the
   * caller.
   */
  const check = async (response: string, challenged: Challenged): Promise<Checked> => {
    const answer = readAssertion(response);
    if (!answer) throw new PasskeyRefused('wrong');
    const challenge = challenges.open(answer.challenge, challenged);
    if (!challenge) throw new PasskeyRefused('expired');
    const stored = await orUnavailable(() =>
      kysely
        .selectFrom('passkey as p')
        .innerJoin('account as a', 'a.id', 'p.account_id')
        .select(['p.id', 'p.account_id', 'p.name', 'p.public_key', 'p.backup_eligible'])
        .select(['p.user_verified', 'a.passkey_handle', 'a.disabled_at'])
        .select(sql<string | null>`lower(a.email)`.as('email'))
        .where('p.credential_id', '=', answer.credentialId)
        .executeTakeFirst(),
    );
    if (!stored) throw new PasskeyRefused('wrong');
    const { account_id: accountId, passkey_handle: handle } = stored;
    const { userHandle } = answer;
    const isOwner = challenged.accountId === undefined || challenged.accountId === accountId;
    const isNamed = userHandle
      ? handle !== null && equal(userHandle, handle)
      : challenged.accountId !== undefined;
    const verified =
      isOwner && isNamed ? await answer.verify(relyingParty, stored.public_key) : undefined;
    // An authenticator never changes whether a passkey can be copied (WebAuthn §6.1.3).
    if (!verified || verified.backupEligible !== stored.backup_eligible)
      throw new PasskeyRefused('wrong', { accountId });
    if (stored.disabled_at) throw new PasskeyRefused('disabled', { accountId });
    // Anyone who found a security key without a PIN could set one: only a sign-in with the password before it makes it verified.
    const needsVerification = challenged.purpose === 'sign-in' || challenged.purpose === 'again';
    if (needsVerification && !(verified.userVerified && stored.user_verified))
      throw new PasskeyRefused('unverified', { accountId });
    return { ...verified, challenge, purpose: challenged.purpose, passkey: stored };
  };

  /** Marks the challenge as used, and stores the new counter. Returns why the passkey is refused. */
  const redeem = async (
    transaction: Connection,
    { passkey, challenge, purpose, counter, backedUp, userVerified }: Checked,
  ): Promise<'expired' | 'cloned' | undefined> => {
    // The account is locked before its passkeys, as everywhere.
    await lockAccount(transaction, passkey.account_id);
    if (!(await challenges.use(transaction, challenge))) return 'expired';
    const { numUpdatedRows } = await transaction
      .updateTable('passkey')
      .set({
        counter,
        backed_up: backedUp,
        last_used_at: sql<Date>`now()`,
        ...(userVerified && purpose === 'factor' && { user_verified: true }),
      })
      .where('id', '=', passkey.id)
      .where((eb) =>
        eb.or([
          eb('counter', '<', counter),
          eb.and([eb('counter', '=', 0), eb.val(counter === 0)]),
        ]),
      )
      .executeTakeFirst();
    if (numUpdatedRows > 0n) return undefined;
    await recordClone(transaction, passkey, counter);
    return 'cloned';
  };

  return {
    /** The passkeys of an account that a browser can be asked for. */
    async ofAccount(
      accountId: string,
      { verified = false } = {},
      connection: Connection = kysely,
    ): Promise<{ credential_id: Buffer; transports: string[] }[]> {
      return connection
        .selectFrom('passkey')
        .select(['credential_id', 'transports'])
        .where('account_id', '=', accountId)
        .$if(verified, (query) => query.where('user_verified', '=', true))
        .orderBy('last_used_at', (order) => order.desc().nullsLast())
        .execute();
    },

    /**
     * What a browser asks for a passkey with. Of one account, the browser offers the passkeys in `allowed`; without it, any that
     * authenticators have stored.
     */
    options(
      challenged: Challenged,
      allowed: readonly { credential_id: Buffer; transports: string[] }[] = [],
    ): PublicKeyCredentialRequestOptionsJSON {
      return {
        rpId: relyingParty.id,
        challenge: challenges.create(challenged),
        timeout: config.challengeLifetime * 1000,
        userVerification: ['factor', 'raise'].includes(challenged.purpose)
          ? 'preferred'
          : 'required',
        allowCredentials: allowed.map(({ credential_id, transports }) => ({
          type: 'public-key',
          id: credential_id.toString('base64url'),
          transports: transports as never[],
        })),
      };
    },

    check,

    /**
     * Lets a checked assertion take effect together with `run`, once: in one transaction with the new counter. Throws
     * PasskeyRefused if it was used before or its counter went back.
     */
    async redeem<Result>(
      checked: Checked,
      ip: string | undefined,
      run: (transaction: Connection, proof: PasskeyProof) => Promise<Result>,
    ): Promise<Result> {
      const { passkey, backupEligible } = checked;
      const { id: passkeyId, account_id: accountId } = passkey;
      const outcome = await orUnavailable(() =>
        kysely.transaction().execute((transaction) =>
          byPerson(accountId, ip, async () => {
            const refused = await redeem(transaction, checked);
            if (refused) return { refused };
            const amr = amrOfPasskey(backupEligible);
            return { result: await run(transaction, { accountId, passkeyId, amr }) };
          }),
        ),
      );
      if ('refused' in outcome) throw new PasskeyRefused(outcome.refused, { accountId });
      return outcome.result;
    },
  };
}

/**
 * Records that a passkey was used whose counter went back, so that two authenticators have it (WebAuthn §6.1.1). The owner
 * gets one email a day about it.
 */
async function recordClone(
  transaction: Connection,
  { id, account_id: accountId, name }: Checked['passkey'],
  counter: number,
): Promise<void> {
  const at = new Date().toISOString();
  await recordEvent(
    transaction,
    {
      action: 'passkey.cloned',
      target: { kind: 'account', id: accountId },
      details: { passkey_id: id, name, counter },
    },
    'refused',
  );
  await recordMail(transaction, {
    kind: 'passkey_cloned',
    accountId,
    details: { name, at },
    once: `passkey-cloned:${id}:${at.slice(0, 10)}`,
  });
}

export type Assertions = ReturnType<typeof createAssertions>;
