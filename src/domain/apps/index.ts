/**
 * APPS: clients under an owner. People make them themselves, hand their clients to servers, websites, phones
 * and devices, each with a role, and see what happens. Whoever is no member learns nothing of an app: all
 * that is here throws `not_found` for it, `access_denied` where a role is too small, `conflict` where
 * something else must be done first, and `invalid_request` for what cannot be.
 */
import type { Database } from '../../../db/database.ts';
import type { Audit, AuditEvent } from '../audit/events.ts';
import type { ClientRegistry } from '../clients/clients.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import type { Resources } from '../resources/resources.ts';
import type { ApiKeys } from '../tokens/named/index.ts';
import type { ApiKeyChanges, Made, NewApiKey, Roll, ShownToken } from '../tokens/named/types.ts';
import { createAccess } from './access.ts';
import { createAppActivity } from './activity.ts';
import { createAppApiKeys } from './api-keys.ts';
import { createApps } from './apps.ts';
import { createChangeClient } from './client-access.ts';
import { createAppClients, createMakeClient } from './clients.ts';
import { createAppInvitations } from './invitations.ts';
import { createAppMembers } from './members.ts';
import { createAppRoles } from './roles.ts';
import type {
  App,
  AppActor,
  AppClient,
  AppClientChanges,
  AppInvitation,
  AppMember,
  AppRole,
  AppSecret,
  AppUsage,
  NewAppClient,
  OpenResource,
  ReceivedInvitation,
} from './types.ts';

export interface Page {
  after?: string | undefined;
  limit: number;
}

export interface Apps {
  /**
   * Makes an app and its client `default`, a server with the role Owner. `name` is made of the display
   * name where it is left out. A person becomes its Owner; an operator may name one.
   */
  create(
    actor: AppActor,
    given: { displayName: string; name?: string | undefined; ownerId?: string | undefined },
  ): Promise<{ app: App; client: AppClient; secret: string }>;
  /** In the order of their names, those after `after`: of a person the ones they are a member of. */
  list(actor: AppActor, page: Page): Promise<App[]>;
  find(actor: AppActor, app: string): Promise<App>;
  update(
    actor: AppActor,
    app: string,
    changes: { displayName?: string | undefined },
    precondition?: Precondition<App>,
  ): Promise<App>;
  /** Ends the tokens of all its clients, and lets them have no more until it is enabled. */
  disable(actor: AppActor, app: string): Promise<App>;
  enable(actor: AppActor, app: string): Promise<App>;
  /** Ends its clients, their tokens and secrets, its memberships, roles and invitations. Its name is never used again. */
  delete(actor: AppActor, app: string, precondition?: Precondition<App>): Promise<void>;
  /** The APIs that clients of apps may have tokens for, the default one first. */
  openResources(): Promise<OpenResource[]>;
}

/** Whoever changes a client, its secrets included, has at least its role: else they would have more by it. */
export interface AppClients {
  create(
    actor: AppActor,
    app: string,
    given: NewAppClient,
  ): Promise<{ client: AppClient; secret?: string | undefined }>;
  list(actor: AppActor, app: string): Promise<AppClient[]>;
  find(actor: AppActor, app: string, client: string): Promise<AppClient>;
  update(
    actor: AppActor,
    app: string,
    client: string,
    changes: AppClientChanges,
    precondition?: Precondition<AppClient>,
  ): Promise<AppClient>;
  disable(actor: AppActor, app: string, client: string): Promise<AppClient>;
  enable(actor: AppActor, app: string, client: string): Promise<AppClient>;
  delete(
    actor: AppActor,
    app: string,
    client: string,
    precondition?: Precondition<AppClient>,
  ): Promise<void>;
  /** Those that it has, for whoever manages clients. */
  secrets(actor: AppActor, app: string, client: string): Promise<AppSecret[]>;
  /** One more secret, its value given this once. Throws `conflict` where two are alive already. */
  addSecret(
    actor: AppActor,
    app: string,
    client: string,
  ): Promise<{ secret: AppSecret; value: string }>;
  revokeSecret(actor: AppActor, app: string, client: string, secretId: string): Promise<void>;
  /**
   * Whether the actor may act with the rights of the client, which is to know its secret; it must be enabled,
   * and a server: others have no secret.
   * Whoever gets a token for it without its secret asks first; it is audited as `token.tried`.
   */
  authorizeTrial(actor: AppActor, app: string, client: string): Promise<AppClient>;
}

/**
 * The API keys of a client of an app, for whoever manages its clients and has at least its role. Only a server
 * has some.
 */
export interface AppApiKeys {
  /** Newest first, ended ones too. */
  list(actor: AppActor, app: string, client: string): Promise<ShownToken[]>;
  find(actor: AppActor, app: string, client: string, id: string): Promise<ShownToken>;
  create(
    actor: AppActor,
    app: string,
    client: string,
    given: NewApiKey,
    idempotency?: Idempotency,
  ): Promise<Made>;
  update(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    changes: ApiKeyChanges,
    precondition?: Precondition<ShownToken>,
  ): Promise<ShownToken>;
  /** Gives it a new value, under a new id. */
  regenerate(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    roll: Roll,
    idempotency?: Idempotency,
  ): Promise<Made>;
  delete(
    actor: AppActor,
    app: string,
    client: string,
    id: string,
    precondition?: Precondition<ShownToken>,
  ): Promise<void>;
}

export interface AppRoles {
  /** The built-in ones first, then those of the app by name. */
  list(actor: AppActor, app: string): Promise<AppRole[]>;
  find(actor: AppActor, app: string, name: string): Promise<AppRole>;
  /** Makes a role of the app, or changes it; introspection shows it at once. */
  set(
    actor: AppActor,
    app: string,
    role: {
      name: string;
      description?: string | undefined;
      permissions: string[];
      manages?: 'nothing' | 'clients' | undefined;
    },
    precondition?: Precondition<AppRole>,
  ): Promise<AppRole>;
  /** Throws `conflict` while a client, a member or an invitation has it. */
  delete(
    actor: AppActor,
    app: string,
    name: string,
    precondition?: Precondition<AppRole>,
  ): Promise<void>;
  builtIn(): Promise<AppRole[]>;
  /** Changes what a built-in role permits, in all apps. For operators alone. */
  setBuiltIn(
    role: { name: string; description?: string | undefined; permissions: string[] },
    precondition?: Precondition<AppRole>,
  ): Promise<AppRole>;
}

export interface AppMembers {
  /** TokenParties first, then by name. */
  list(actor: AppActor, app: string): Promise<AppMember[]>;
  /** Gives a member another role; an operator makes a member of any account by it. The last Owner stays one. */
  set(actor: AppActor, app: string, accountId: string, role: string): Promise<AppMember>;
  /** Takes somebody out; a member of any role may take out themself. The last Owner cannot go. */
  remove(actor: AppActor, app: string, accountId: string): Promise<void>;
  /**
   * Makes another member the Owner; whoever hands it over becomes a Developer, or leaves. An operator says by
   * `from` who that is, where the app has several TokenParties.
   */
  handOver(
    actor: AppActor,
    app: string,
    change: { to: string; from?: string | undefined; leave: boolean },
  ): Promise<void>;
}

export interface AppInvitations {
  /** `value` is for the link, given this once. Inviting an address again replaces the invitation before. */
  create(
    actor: AppActor,
    app: string,
    given: { email: string; role: string },
  ): Promise<{ invitation: AppInvitation; value: string }>;
  list(actor: AppActor, app: string): Promise<AppInvitation[]>;
  revoke(actor: AppActor, app: string, id: string): Promise<void>;
  /** Those that wait for an account, by its address. */
  received(accountId: string): Promise<ReceivedInvitation[]>;
  /** Whom a link invites, while it works. */
  find(value: string): Promise<ReceivedInvitation | undefined>;
  /**
   * By its id; the address must be the account's. Throws `not_found` where it does not hold (any more). Who is
   * a member already keeps their role.
   */
  accept(accountId: string, id: string): Promise<{ app: string }>;
  decline(accountId: string, id: string): Promise<void>;
}

export interface AppActivity {
  /** What happened in an app, newest first, those before the cursor `after`; to members without where it came from. */
  page(
    actor: AppActor,
    app: string,
    page: Page,
  ): Promise<{ items: AuditEvent[]; next: string | null }>;
  usage(actor: AppActor, app: string, days?: number): Promise<AppUsage>;
}

export interface AppsDomain {
  apps: Apps;
  appClients: AppClients;
  appApiKeys: AppApiKeys;
  appRoles: AppRoles;
  appMembers: AppMembers;
  appInvitations: AppInvitations;
  appActivity: AppActivity;
}

interface AppsDependencies {
  database: Database;
  audit: Audit;
  registry: ClientRegistry;
  secrets: ClientSecrets;
  resources: Resources;
  apiKeys: ApiKeys;
}

/** Everything of apps, over one database. */
export function createAppsDomain({
  database,
  audit,
  registry,
  secrets,
  resources,
  apiKeys,
}: AppsDependencies): AppsDomain {
  const { kysely } = database;
  const access = createAccess({ database });
  const changeClient = createChangeClient({ access });
  const makeClient = createMakeClient({ registry, resources });
  return {
    apps: createApps({ access, kysely, resources, makeClient }),
    appClients: createAppClients({
      access,
      changeClient,
      registry,
      secrets,
      resources,
      makeClient,
    }),
    appApiKeys: createAppApiKeys({ access, changeClient, apiKeys }),
    appRoles: createAppRoles({ access, kysely }),
    appMembers: createAppMembers({ access }),
    appInvitations: createAppInvitations({ access, kysely }),
    appActivity: createAppActivity({ access, audit }),
  };
}
