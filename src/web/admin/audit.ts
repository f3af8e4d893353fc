import { Readable } from 'node:stream';
import type { Context } from 'koa';
import { auditActions } from '../../../config/audit-actions.ts';
import {
  type AuditEventShown,
  type AuditFilterField,
  type AuditParty,
  adminAudit,
} from '../../../views/admin/audit.ts';
import { personPath } from '../../../views/admin/people.ts';
import { adminTokenPath } from '../../../views/admin/tokens.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Audit } from '../../domain/audit/events.ts';
import type { AuditEvent, AuditFilter } from '../../domain/audit/types.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { encodeCursor } from '../../http/cursor.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Console } from './console.ts';
import { listPath, pageAsked, pagesAround } from './list.ts';

interface Dependencies {
  audit: Pick<Audit, 'page'>;
  accounts: Pick<Accounts, 'page' | 'namesOf'>;
}

const home = '/admin/audit';
const filterFields: readonly AuditFilterField[] = [
  'action',
  'actor',
  'about',
  'result',
  'from',
  'to',
];

/** A page that follows loads itself again after these seconds. */
const followSeconds = 10;
/** Events that an export reads at a time, and at most. */
const exportedAtOnce = 500;
const maxExported = 1_000_000;

type Given = Partial<Record<AuditFilterField, string>>;

/** `/admin/audit`: the audit log, filtered, followed, and as a file. */
export function auditPages({ page }: Console, { audit, accounts }: Dependencies): void {
  const givenIn = (ctx: Context): Given =>
    Object.fromEntries(
      filterFields.flatMap((name) => {
        const value = queryValue(ctx, name)?.trim();
        return value ? [[name, value]] : [];
      }),
    );

  /** The ID of someone who is named by their address. */
  const idOf = async (
    { scopes }: Caller,
    named: string | undefined,
  ): Promise<string | undefined> =>
    named?.includes('@') && scopes.has('accounts:read')
      ? ((await accounts.page({ email: named, limit: 1 }))[0]?.id ?? named)
      : named;

  const filterOf = async (actor: Caller, given: Given): Promise<AuditFilter> => ({
    action: given.action,
    actor: await idOf(actor, given.actor),
    about: await idOf(actor, given.about),
    result: (['success', 'refused'] as const).find((result) => result === given.result),
    since: dayOf(given.from),
    until: dayOf(given.to, 1),
  });

  page(home, 'audit:read', async (call) => {
    const { ctx, actor } = call;
    const given = givenIn(ctx);
    const isFollowed = queryValue(ctx, 'follow') === 'on';
    const { items, next } = await audit.page({
      ...(await filterOf(actor, given)),
      ...pageAsked(ctx),
    });
    // Names are for people who may see accounts.
    const named = actor.scopes.has('accounts:read') ? items : [];
    const names = await accounts.namesOf(
      named.flatMap(({ actor: by, target }) => [by, target].flatMap((each) => each?.id ?? [])),
    );
    const events = items.map((event) => shown(event, { names, scopes: actor.scopes }));
    const pages = pagesAround(ctx, home, next === null ? null : encodeCursor(next), given);
    const exports = {
      csv: listPath(`${home}/export`, { ...given, format: 'csv' }),
      lines: listPath(`${home}/export`, { ...given, format: 'lines' }),
    };
    const follow = {
      href: listPath(home, { ...given, follow: isFollowed ? undefined : 'on' }),
      isOn: isFollowed,
    };
    await call.show((frame) =>
      adminAudit(frame, { events, actions: auditActions, filter: given, pages, exports, follow }),
    );
    if (isFollowed) ctx.set('Refresh', String(followSeconds));
  });

  page(`${home}/export`, 'audit:read', async ({ ctx, actor }) => {
    const given = givenIn(ctx);
    const format = queryValue(ctx, 'format') === 'csv' ? 'csv' : 'lines';
    const filter = await filterOf(actor, given);
    const write = format === 'csv' ? csvLine : (event: AuditEvent) => `${JSON.stringify(event)}\n`;
    async function* lines() {
      if (format === 'csv') yield `${csvColumns.join(',')}\r\n`;
      let after: string | undefined;
      let written = 0;
      do {
        const { items, next } = await audit.page({ ...filter, after, limit: exportedAtOnce });
        written += items.length;
        yield items.map(write).join('');
        after = next ?? undefined;
      } while (after !== undefined && written < maxExported);
    }
    const days = [given.from, given.to].filter(Boolean).join('-') || 'all';
    ctx.attachment(`audit-${days}.${format === 'csv' ? 'csv' : 'jsonl'}`);
    ctx.type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = Readable.from(lines());
  });
}

/** The beginning of a day in UTC, `later` days after it. Throws `invalid_request` for what is none. */
function dayOf(text: string | undefined, later = 0): Date | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time))
    throw new OAuthError('invalid_request', 'A day is written as 2026-11-30.');
  return new Date(time + later * 86_400_000);
}

const csvColumns = [
  'id',
  'at',
  'action',
  'result',
  'actor_kind',
  'actor_id',
  'target_kind',
  'target_id',
  'ip',
  'token_id',
  'request_id',
  'details',
];

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
const cell = (value: unknown): string => {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const csvLine = ({ id, at, action, result, actor, target, ip, request_id, details }: AuditEvent) =>
  `${[
    id,
    at.toISOString(),
    action,
    result,
    actor.kind,
    actor.id,
    target?.kind,
    target?.id,
    ip,
    actor.token_id,
    request_id,
    details && JSON.stringify(details),
  ]
    .map(cell)
    .join(',')}\r\n`;

interface Reading {
  names: ReadonlyMap<string, string>;
  scopes: ReadonlySet<string>;
}

function shown(event: AuditEvent, reading: Reading): AuditEventShown {
  const { actor, target } = event;
  return {
    id: event.id,
    at: event.at,
    action: event.action,
    refused: event.result === 'refused',
    actor: partyOf(actor, reading),
    target: target && partyOf(target, reading),
    ip: event.ip,
    tokenId: actor.token_id,
    requestId: event.request_id,
    details: event.details,
  };
}

const partyOf = (
  { kind, id }: { kind: string; id: string | null },
  { names, scopes }: Reading,
): AuditParty => {
  const hrefs: Record<string, string | false> = id
    ? {
        account: scopes.has('accounts:read') && personPath(id),
        token: scopes.has('tokens:read') && adminTokenPath(id),
      }
    : {};
  return { kind, id, name: (id && names.get(id)) || null, href: hrefs[kind] || undefined };
};
