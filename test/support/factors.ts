import type { Connection } from '../../db/schema.ts';

/** Gives an account an authenticator app, whose codes no test enters. */
export const addAuthenticator = (kysely: Connection, accountId: string): Promise<unknown> =>
  kysely
    .insertInto('authenticator')
    .values({ account_id: accountId, secret: Buffer.from('sealed'), last_step: 0 })
    .execute();
