import type { Context } from 'koa';
import {
  adminBulkRevocation,
  adminBulkRevocationBegin,
  adminBulkRevocations,
  type BulkRevocationShown,
  bulkRevocationPath,
  type FilterShown,
} from '../../../views/admin/bulk-revocations.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type {
  BulkFilter,
  BulkRevocation,
  BulkRevocations,
} from '../../domain/tokens/bulk-revocations.ts';
import { namedTokenKinds } from '../../domain/tokens/value.ts';
import type { Form } from '../../http/form.ts';
import { withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';
import { listPath } from './list.ts';
import { createAccountOf } from './person-filter.ts';

interface Dependencies {
  bulkRevocations: Omit<BulkRevocations, 'continue' | 'close'>;
  accounts: Pick<Accounts, 'describe' | 'page'>;
}

const home = '/admin/tokens/revocations';

/** A page of one that is running loads itself again after these seconds. */
const followSeconds = 3;

/** `/admin/tokens/revocations`: revoking all tokens that match the filter of the list, and how far that has come. */
export function bulkRevocationPages(
  { page, form: formAt }: Console,
  { bulkRevocations, accounts }: Dependencies,
): void {
  const accountOf = createAccountOf(accounts);

  const shown = async (
    { actor: { scopes } }: Pick<Call, 'actor'>,
    { begun_by: by, began_at, worked_at, ended_at, filter, ...rest }: BulkRevocation,
  ): Promise<BulkRevocationShown> => {
    // Names are for people who may see accounts.
    const nameOf = async (id: string) =>
      scopes.has('accounts:read') ? (await accounts.describe(id))?.name : undefined;
    const { clientId, accountId, kind, subject, name } = filter;
    return {
      ...rest,
      filter: {
        client: clientId,
        person: accountId && ((await nameOf(accountId)) ?? accountId),
        kind,
        subject: subject && [subject.type, subject.id].filter(Boolean).join(' '),
        name,
      },
      by: by.kind === 'account' ? ((await nameOf(by.id)) ?? by.id) : by.id,
      beganAt: began_at,
      workedAt: worked_at,
      endedAt: ended_at,
    };
  };

  /** The filter of the list in a form; undefined if it names a person who does not exist. */
  const filterIn = async ({
    actor,
    form,
  }: Call & { form: Form }): Promise<BulkFilter | undefined> => {
    const person = form['person']?.trim() || undefined;
    const accountId = person === undefined ? undefined : await accountOf(actor, person);
    if (person !== undefined && accountId === undefined) return undefined;
    return {
      kind: namedTokenKinds.find((kind) => kind === form['kind']),
      clientId: form['client']?.trim() || undefined,
      accountId,
      name: form['name']?.trim() || undefined,
    };
  };

  const given = (form: Form): FilterShown =>
    Object.fromEntries(
      (['name', 'client', 'person', 'kind'] as const).map((name) => [
        name,
        form[name]?.trim() || undefined,
      ]),
    );

  page(home, 'tokens:read', async (call) => {
    const revocations = await Promise.all(
      (await bulkRevocations.list()).map((each) => shown(call, each)),
    );
    await call.show((frame) => adminBulkRevocations(frame, { revocations }));
  });

  // First it shows what would end; then it begins.
  formAt(home, 'tokens:revoke', { back: '/admin/tokens' }, async (call) => {
    const filter = await filterIn(call);
    const back = listPath('/admin/tokens', { ...given(call.form), state: 'active' });
    const { count, isMore } = filter
      ? await bulkRevocations.count(filter)
      : { count: 0, isMore: false };
    const isConfirmed = call.form['confirmation']?.trim() === confirmation;
    if (filter && isConfirmed) {
      const { id } = await bulkRevocations.begin(call.actor, filter);
      return seeOther(call.ctx, bulkRevocationPath(id));
    }
    const isWrong = call.form['confirmation'] !== undefined;
    await call.show(
      (frame) =>
        adminBulkRevocationBegin(frame, {
          filter: given(call.form),
          back,
          count,
          isMore,
          confirmation,
          problems: isWrong ? { confirmation: `Type the word ${confirmation}.` } : undefined,
        }),
      { status: isWrong ? 400 : 200 },
    );
  });

  const idOf = (ctx: Context) => String(ctx['params']['revocation']);

  page(`${home}/:revocation`, 'tokens:read', async (call) => {
    const revocation = await shown(call, await bulkRevocations.find(idOf(call.ctx)));
    if (revocation.state === 'running') call.ctx.set('Refresh', String(followSeconds));
    await call.show((frame) => adminBulkRevocation(frame, { revocation }));
  });

  // Stopping ends nothing, so it asks for no recent sign-in.
  formAt(
    `${home}/:revocation/stop`,
    'tokens:revoke',
    { back: (ctx) => bulkRevocationPath(idOf(ctx)), recent: false },
    async ({ ctx }) => {
      await bulkRevocations.stop(idOf(ctx));
      seeOther(ctx, withNotice(bulkRevocationPath(idOf(ctx)), 'revocation_stopped'));
    },
  );
}

const confirmation = 'revoke';
