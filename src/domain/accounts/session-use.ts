/**
 * USES OF A SESSION THAT CANNOT BE ITS PERSON'S: a browser does not become another one. Networks change all the time, so a
 * session is only conspicuous if another browser uses it from another network: its cookie was probably copied. The session
 * goes on, since the person could have changed how the browser introduces itself; they and the audit see it.
 */
import Bowser from 'bowser';
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { networkOf, plainAddress } from '../limits/ip-address.ts';

/** Where a session is used, or where it began. */
export interface SessionUse {
  ip: string | null | undefined;
  userAgent: string | null | undefined;
}

const maxRead = 400;

/** The name of a browser and of its system, without versions; of other programs the name that they begin with. */
function familyOf(userAgent: string): string {
  const text = userAgent.slice(0, maxRead);
  const { browser, os } = Bowser.parse(text);
  return browser.name && text.startsWith('Mozilla/')
    ? `${browser.name} on ${os.name}`
    : String(text.split(/[\s/;(]/, 1)[0]);
}

/** Whether another browser on another network uses a session than the one in which it began. */
export function isElsewhere(began: SessionUse, used: SessionUse): boolean {
  if (!began.userAgent || !used.userAgent || began.userAgent === used.userAgent) return false;
  if (networkOf(began.ip ?? '') === networkOf(used.ip ?? '')) return false;
  return familyOf(began.userAgent) !== familyOf(used.userAgent);
}

/** Notes the first such use of a session, and records the event. */
export const noteElsewhere = (
  kysely: Connection,
  { id, accountId }: { id: string; accountId: string },
  { ip, userAgent }: SessionUse,
): Promise<void> =>
  kysely.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('session')
      .set({
        elsewhere_at: sql<Date>`now()`,
        elsewhere_ip: ip ? plainAddress(ip) : null,
        elsewhere_user_agent: userAgent?.replaceAll('\0', '') || null,
      })
      .where('id', '=', id)
      .where('elsewhere_at', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await actingAs({ kind: 'account', id: accountId, ip: ip ?? undefined }, () =>
      recordEvent(transaction, {
        action: 'session.used_elsewhere',
        target: { kind: 'session', id },
        details: { user_agent: userAgent ?? null },
      }),
    );
  });
