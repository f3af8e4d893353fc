import type { Context } from 'koa';
import { datasetteDeviceClientId, datasetteDevicePermission } from '../../config/clients.ts';
import type { Settings } from '../../config/settings.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { createBloq } from '../dialects/bloq/index.ts';
import { createDatasette } from '../dialects/datasette/index.ts';
import { unrestrictedScope } from '../dialects/datasette/resource.ts';
import type { Dialect } from '../dialects/framework/dialect.ts';
import { mountDialects } from '../dialects/framework/mount.ts';
import { createSpeckle } from '../dialects/speckle/index.ts';
import { createSqliteCloud } from '../dialects/sqlitecloud/index.ts';
import { createSquidex } from '../dialects/squidex/index.ts';
import type { Session } from '../domain/accounts/sessions.ts';
import { createNewSecrets } from '../domain/clients/new-secrets.ts';
import { createApproveByToken, type IssueCode } from '../domain/grants/consent/by-token.ts';
import type { DeviceRule } from '../domain/grants/device/types.ts';
import type { Domain } from '../domain/index.ts';
import { apiResource } from '../domain/installation/installation.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import { createKeyPairTokens, type IssueForPerson } from '../domain/tokens/key-pair-tokens.ts';
import type { RefusalLog } from '../http/refusal-log.ts';

interface Options {
  settings: Pick<Settings, 'DIALECTS' | 'BRAND_NAME' | 'DATASETTE_DEVICE_FLOW'>;
  issuer: string;
  keyring: Keyring;
  ephemeral: EphemeralStore;
  issueForPerson: IssueForPerson;
  issueCode: IssueCode;
  noteRefusal: RefusalLog['note'];
  /** The session of a person in a browser. */
  sessionOf: (ctx: Context) => Promise<Session | undefined>;
}

/** The dialects that are on, with the parts of the domain that they use. */
export function wireDialects(
  domain: Domain,
  {
    settings,
    issuer,
    keyring,
    ephemeral,
    issueForPerson,
    issueCode,
    noteRefusal,
    sessionOf,
  }: Options,
) {
  const { findPrincipal, apps, appClients, namedTokens, apiTokens, revokeWithGrant, audit } =
    domain;
  const create: Record<Settings['DIALECTS'][number], () => Dialect> = {
    squidex: () => createSquidex({ issuer, findPrincipal, apps, appClients }),
    sqlitecloud: () =>
      createSqliteCloud({ findPrincipal, namedTokens, apiTokens, revokeWithGrant, audit }),
    bloq: () =>
      createBloq({
        ...domain,
        issueForPerson,
        noteRefusal,
        keyPairTokens: createKeyPairTokens({ ...domain, issueForPerson }),
      }),
    speckle: () =>
      createSpeckle({
        ...domain,
        issuer,
        brandName: settings.BRAND_NAME,
        newSecrets: createNewSecrets({ ephemeral, keyring }),
        approveByToken: createApproveByToken({
          ...domain,
          apiResource: apiResource(issuer),
          issueCode,
        }),
      }),
    datasette: () =>
      createDatasette({
        ...domain,
        issuer,
        sessionOf,
        isDeviceFlowOn: settings.DATASETTE_DEVICE_FLOW === 'on',
      }),
  };
  return mountDialects(settings.DIALECTS.map((name) => create[name]()));
}

/** The rules for devices of the dialects' own clients: if a dialect is off, they cannot be approved. */
export const dialectDeviceRules = ({
  DIALECTS,
  DATASETTE_DEVICE_FLOW,
}: Pick<Settings, 'DIALECTS' | 'DATASETTE_DEVICE_FLOW'>): ReadonlyMap<string, DeviceRule> =>
  new Map([
    [
      datasetteDeviceClientId,
      {
        isClosed: !DIALECTS.includes('datasette') || DATASETTE_DEVICE_FLOW === 'off',
        permission: datasetteDevicePermission,
        fullScope: unrestrictedScope,
      },
    ],
  ]);
