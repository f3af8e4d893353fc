import { contextOf } from '../../oauth/authentication-context.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Refusals } from '../audit/refusals.ts';
import { type Client, clientNameOf } from '../clients/lookup.ts';
import { apiScopesOf } from '../roles/api-scopes.ts';
import type { Roles } from '../roles/roles.ts';
import type { ApprovedAccess } from './approved-access.ts';
import type { DecisionRow, DecisionTarget } from './decide-once.ts';
import type { DescribeDetail } from './detail-descriptions.ts';
import { type FactorNeed, factorNeed } from './factor-need.ts';
import {
  auditedRefusal,
  describeRequestedAccess,
  describeRequestedDetails,
  hasPermission,
  neededScopes,
  type RequestedAccess,
  requireRoleFor,
  scopesBeyondRole,
  scopesByResource,
  withinRole,
} from './requested-access.ts';
import type { AccessRequest, Approver } from './types.ts';

/** A request from the short-lived store, with the access that its client is currently allowed. */
export interface PendingRequest extends Omit<DecisionTarget, 'accountId'> {
  client: Client;
  requested: RequestedAccess;
  /** The parameters of the request, as far as they are about how the person signs in. */
  params: { acr_values?: string | undefined; claims?: string | undefined };
  /** The permission that is required to approve it. */
  permission?: string | undefined;
  /** Whether it is reduced to what the person can grant, in place of being refused. */
  isNarrowed?: boolean | undefined;
}

interface Decisions<Target, Row> {
  find(id: Buffer): Promise<{ now: number; decision: Row | undefined }>;
  approve(target: Target & ApprovedAccess): Promise<boolean>;
  deny(target: Target): Promise<boolean>;
}

type Targeted<Pending> = Pending & { accountId: string };

/** What the person has chosen; fields that are absent are as requested. */
type Chosen<Pending> = Pick<ApprovedAccess, 'device'> & Partial<ApprovedAccess & Pending>;

/** The differences between device requests and authorization requests. */
interface RequestKind<
  Pending extends PendingRequest,
  Account extends Approver,
  Choice,
  Row extends DecisionRow,
  Shown,
> {
  apiResource: string;
  describeDetail?: DescribeDetail | undefined;
  audit: Pick<Refusals, 'refused'>;
  accounts: Pick<Accounts, 'describe' | 'ownerOfApp'>;
  roles: Pick<Roles, 'named'>;
  decisions: Decisions<Targeted<Pending>, Row>;
  /** The audit action of an approval. */
  action: 'device.approved' | 'consent.granted';
  /** Finds a request by its user code or interaction id. */
  read(key: string): Promise<Pending | undefined>;
  /** The fields in addition to those of `AccessRequest`, and those that differ. */
  describe(pending: Pending, account: Approver, decision: Row | undefined): Shown | Promise<Shown>;
  /** Applies the choices of the person. Throws if the account cannot approve the request. */
  choose(
    pending: Pending,
    account: Account,
    choice: Choice | undefined,
  ): Chosen<Pending> | Promise<Chosen<Pending>>;
}

/** Shows pending requests and records the decision about each, once. Shared by device and authorization requests. */
export function createPendingRequests<
  Pending extends PendingRequest,
  Account extends Approver,
  Choice,
  Row extends DecisionRow,
  Shown extends object,
>({
  apiResource,
  describeDetail,
  audit,
  accounts,
  roles,
  decisions,
  action,
  read,
  describe,
  choose,
}: RequestKind<Pending, Account, Choice, Row, Shown>) {
  /** The required permission, if the account does not have it. */
  const missingPermission = async (
    { permission }: Pending,
    account: Approver,
  ): Promise<string | undefined> =>
    permission === undefined || (await hasPermission(account, permission, roles))
      ? undefined
      : permission;

  /** The scopes of Writ's own API that the roles of an account give. */
  const scopesOf = async ({ roles: own }: Approver): Promise<Set<string>> =>
    apiScopesOf(await roles.named(own));

  /** The request as this account can grant it. */
  const readFor = async (key: string, account: Approver): Promise<Pending | undefined> => {
    const pending = await read(key);
    return pending?.isNarrowed
      ? {
          ...pending,
          requested: withinRole(pending.requested, await scopesOf(account), apiResource),
        }
      : pending;
  };

  const needOf = ({ client, params }: Pick<PendingRequest, 'client' | 'params'>): FactorNeed =>
    factorNeed(client, params);

  const developerOf = async ({ authorId, app }: Client): Promise<string | undefined> => {
    if (authorId !== null) return (await accounts.describe(authorId))?.name;
    return app === null ? undefined : accounts.ownerOfApp(app);
  };

  const show = async (pending: Pending, account: Approver): Promise<AccessRequest & Shown> => {
    const { client, requested, expiresAt } = pending;
    const [{ now, decision }, developer] = await Promise.all([
      decisions.find(pending.id),
      developerOf(client),
    ]);
    const hasDocument = client.origin === 'document';
    const text = (name: string) => client.metadata[name] as string | undefined;
    return {
      clientId: client.clientId,
      clientName: clientNameOf(client),
      ...(client.origin !== null &&
        client.app === null && {
          selfRegistered: {
            by: client.origin,
            ...(hasDocument && { calledItself: text('client_name') }),
          },
        }),
      clientUri: text('client_uri'),
      termsUri: text('tos_uri'),
      developer,
      app: client.app,
      scopes: describeRequestedAccess(requested),
      details: describeRequestedDetails(requested, describeDetail),
      scopesBeyondRole: scopesBeyondRole(requested, await scopesOf(account), apiResource),
      missingPermission: await missingPermission(pending, account),
      factorNeed: needOf(pending),
      needsRecentSignIn: neededScopes(requested, apiResource) !== undefined,
      expiresAt: new Date(expiresAt * 1000),
      state: decision?.decision ?? (now < expiresAt ? 'pending' : 'expired'),
      answeredBy: decision?.accountId,
      ...(await describe(pending, account, decision)),
    };
  };

  /** Calls `decide` if the request is pending, and returns its state afterwards. */
  const decideOnce = async (
    key: string,
    account: Account,
    decide: (target: Targeted<Pending>) => Promise<unknown>,
  ): Promise<(AccessRequest & Shown) | undefined> => {
    const pending = await readFor(key, account);
    if (!pending) return undefined;
    const before = await show(pending, account);
    if (before.state !== 'pending') return before;
    await decide({ ...pending, accountId: account.id });
    return show(pending, account);
  };

  return {
    async find(key: string, account: Approver): Promise<(AccessRequest & Shown) | undefined> {
      const pending = await readFor(key, account);
      return pending && show(pending, account);
    },

    approve: (key: string, account: Account, choice?: Choice) =>
      decideOnce(key, account, async (target) => {
        const { clientId, requested } = target;
        if (needOf(target) === 'required' && !account.factorAt)
          throw new OAuthError(
            'access_denied',
            'This app requires a second factor. Sign in again and prove one.',
            { kind: 'needs_factor' },
          );
        const missing = await missingPermission(target, account);
        if (missing !== undefined)
          throw await auditedRefusal(
            requested,
            account,
            { clientId, audit, action },
            `Only an account with the permission ${missing} can allow this.`,
          );
        const chosen = await choose(target, account, choice);
        const apiScopes = await requireRoleFor(requested, account, await scopesOf(account), {
          clientId,
          apiResource,
          audit,
          action,
        });
        await decisions.approve({
          ...target,
          openIdScope: requested.openIdScope,
          claims: requested.claims,
          resources: scopesByResource(requested),
          authorizationDetails: requested.authorizationDetails,
          ...chosen,
          authTime: account.signedInAt && Math.floor(account.signedInAt.getTime() / 1000),
          ...(account.amr && {
            context: contextOf({ amr: account.amr, factorAt: account.factorAt ?? null }),
          }),
          apiScopes,
        });
      }),

    deny: (key: string, account: Account) => decideOnce(key, account, decisions.deny),
  };
}
