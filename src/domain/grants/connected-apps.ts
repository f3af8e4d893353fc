import { scopeTokens } from '../../oauth/scope.ts';
import type { Resources } from '../resources/resources.ts';
import type { ConnectedClient, ConnectedClients } from './connected-clients.ts';
import type { ConsentMemory, RememberedConsent } from './consent/memory.ts';
import { describeGrantedScopes, describeOpenIdScopes } from './scope-descriptions.ts';
import type { DescribedDetail, DescribedScope } from './types.ts';

/** An app that people log in to with a browser: all its logins, and what the person has allowed it. */
export interface ConnectedApp {
  clientId: string;
  clientName: string;
  publisher: string | null;
  registeredItself: boolean;
  initiateLoginUri: string | null;
  /** Its active logins, the newest first; none if they have expired, while the consent is remembered. */
  logins: Pick<ConnectedClient, 'grantId' | 'device' | 'approvedAt'>[];
  /** When the person first allowed it. */
  allowedAt: Date;
  lastUsedAt: Date | null;
  /** When its last login expires; null without logins. */
  expiresAt: Date | null;
  /** Whether the person is not asked again. */
  isRemembered: boolean;
  scopes: DescribedScope[];
  details: DescribedDetail[];
}

/** What has access to an account, as the person sees it. */
export interface Connections {
  /** One entry for each app, however often the person logged in to it. */
  apps: ConnectedApp[];
  /** One entry for each device. */
  devices: ConnectedClient[];
  /** Logins that were revoked in the last 30 days because a token was used twice. */
  revoked: ConnectedClient[];
}

/** Lists what has access to an account, with the logins of each app together. */
export function createConnectedApps({
  connectedClients,
  consentMemory,
  resources,
}: {
  connectedClients: Pick<ConnectedClients, 'list'>;
  consentMemory: Pick<ConsentMemory, 'list'>;
  resources: Resources;
}) {
  const describe = async ({ access }: RememberedConsent): Promise<DescribedScope[]> => [
    ...(await describeGrantedScopes(
      resources,
      access.flatMap(({ resource, scopes }) => (resource === '' ? [] : [[resource, scopes]])),
    )),
    ...describeOpenIdScopes(
      access.flatMap(({ resource, scopes }) =>
        resource === '' ? scopeTokens(scopes.join(' ')) : [],
      ),
    ),
  ];

  return async (accountId: string): Promise<Connections> => {
    const [clients, consents] = await Promise.all([
      connectedClients.list(accountId),
      consentMemory.list(accountId),
    ]);
    const active = clients.filter(({ revokedAt }) => revokedAt === null);
    const logins = Map.groupBy(
      active.filter(({ kind }) => kind === 'app'),
      ({ clientId }) => clientId,
    );
    const remembered = new Map(consents.map((consent) => [consent.clientId, consent]));
    const apps = await Promise.all(
      [...new Set([...logins.keys(), ...remembered.keys()])].map(
        async (clientId): Promise<ConnectedApp | undefined> => {
          const ofClient = logins.get(clientId) ?? [];
          const consent = remembered.get(clientId);
          const shown = ofClient[0] ?? consent;
          if (!shown) return undefined;
          const { clientName, publisher, registeredItself, initiateLoginUri } = shown;
          return {
            clientId,
            clientName,
            publisher,
            registeredItself,
            initiateLoginUri,
            logins: ofClient,
            allowedAt: earliest([
              ...(consent ? [consent.allowedAt] : []),
              ...ofClient.map(({ approvedAt }) => approvedAt),
            ]),
            lastUsedAt: latest(ofClient.flatMap(({ lastUsedAt }) => lastUsedAt ?? [])),
            expiresAt: latest(ofClient.map(({ expiresAt }) => expiresAt)),
            isRemembered: consent !== undefined,
            scopes: distinct([
              ...(consent ? await describe(consent) : []),
              ...ofClient.flatMap(({ scopes }) => scopes),
            ]),
            details: distinct(ofClient.flatMap(({ details }) => details)),
          };
        },
      ),
    );
    return {
      apps: apps.filter((app) => app !== undefined),
      devices: active.filter(({ kind }) => kind === 'device'),
      revoked: clients.filter(({ revokedAt }) => revokedAt !== null),
    };
  };
}

export type ListConnections = ReturnType<typeof createConnectedApps>;

const earliest = (times: Date[]): Date => new Date(Math.min(...times.map(Number)));

const latest = (times: Date[]): Date | null =>
  times.length === 0 ? null : new Date(Math.max(...times.map(Number)));

/** Without those that say the same about the same resource. */
const distinct = <Described extends DescribedDetail>(described: Described[]): Described[] => [
  ...new Map(
    described.map((each) => [JSON.stringify([each.resource, each.description]), each]),
  ).values(),
];
