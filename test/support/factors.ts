import type { Connection } from '../../db/schema.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { authenticatorPlace } from '../../src/domain/accounts/totp.ts';
import { secretKey } from './secret-key.ts';

/** Gives an account an authenticator app, whose codes no test enters. */
export const addAuthenticator = (kysely: Connection, accountId: string): Promise<unknown> =>
  kysely
    .insertInto('authenticator')
    .values({
      account_id: accountId,
      secret: createKeyring([secretKey]).seal(authenticatorPlace(accountId), 'A'.repeat(32)),
      last_step: 0,
    })
    .execute();
