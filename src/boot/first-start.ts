import { firstAdministrator } from '../../config/administrator.ts';
import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import {
  ensureFirstAdministrator,
  ensureSomeAdministrator,
  type NewAdministrator,
  pendingAdministrator,
} from '../domain/accounts/first-administrator.ts';
import type { Domain } from '../domain/index.ts';
import { invitationUri } from '../domain/installation/installation.ts';
import {
  disableSampleClients,
  type Sample,
  sampleRoles,
  seedSampleData,
} from '../domain/installation/sample.ts';
import { issueApiKey } from '../domain/tokens/named/api-keys.ts';
import { parseToken } from '../domain/tokens/value.ts';
import type { Log } from '../http/log.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { BrokenFileError, type DataDirectory, localUrlOf } from './data-directory.ts';

/**
 * Creates an API key for the `writ` command of this machine and writes it to operator.json, unless the key in that
 * file is active and has every scope. A key of another installation, or of a database that is gone, is replaced.
 * Returns whether it wrote a new key.
 */
export async function ensureOperatorFile({
  directory,
  domain,
  issuer,
  localUrl,
  onBroken = () => {},
}: {
  directory: DataDirectory;
  domain: Domain;
  issuer: string;
  /** Where the server listens on this machine, if the issuer does not say so. */
  localUrl?: string | undefined;
  /** Called with a file that is broken, and is replaced as well. */
  onBroken?: ((error: BrokenFileError) => void) | undefined;
}): Promise<boolean> {
  const kept = await directory.readOperatorFile().catch((error) => {
    if (!(error instanceof BrokenFileError)) throw error;
    onBroken(error);
    return undefined;
  });
  const write = (apiKey: string) =>
    directory.writeOperatorFile({
      url: issuer,
      ...(localUrl && { local_url: localUrl }),
      api_key: apiKey,
    });
  const id = kept?.url === issuer ? parseToken(kept.api_key)?.id : undefined;
  const state = id && (await domain.lookup(id));
  const scopes = Object.keys(apiScopes);
  const held = new Set(scopeTokens(state?.scope));
  // A key that an older version created lacks the scopes that were added since.
  if (kept && state?.alive && scopes.every((scope) => held.has(scope))) {
    if (kept.local_url !== localUrl) await write(kept.api_key);
    return false;
  }
  const { value } = await issueApiKey(domain.database.kysely, {
    clientId: operatorClientId,
    name: 'operator',
    scopes,
  });
  await directory.create();
  await write(value);
  if (state?.alive) await domain.revoke(state.id);
  return true;
}

/** An administrator who still has to choose a password. */
export interface PendingAdministrator {
  email: string;
  /** The page on which they choose it: known only when the account is created. */
  invitationUri?: string;
  /** When that link stops working. */
  expiresAt?: Date;
}

/**
 * Creates an administrator if no account, or no active administrator, exists yet. Returns the administrator who still
 * has to choose a password.
 */
export async function ensureAdministrator(
  domain: Domain,
  issuer: string,
  missing: 'account' | 'administrator' | undefined,
  given?: NewAdministrator,
): Promise<PendingAdministrator | undefined> {
  const created =
    missing === 'account'
      ? await ensureFirstAdministrator(domain, given)
      : missing === 'administrator'
        ? await ensureSomeAdministrator(domain, given)
        : undefined;
  if (created)
    return {
      email: created.email,
      invitationUri: invitationUri(issuer, created.invitation.value),
      expiresAt: created.invitation.expiresAt,
    };
  const email = await pendingAdministrator(domain);
  return email === undefined ? undefined : { email };
}

/**
 * Keeps `local_url` in operator.json true: a server can listen on another port than the one that `setup` knew. Changes
 * nothing without a file of this installation. Throws if the file is broken or cannot be written.
 */
async function noteLocalUrl(
  directory: DataDirectory,
  { issuer, localUrl }: { issuer: string; localUrl: string | undefined },
): Promise<void> {
  const kept = await directory.readOperatorFile();
  if (kept?.url !== issuer || kept.local_url === localUrl) return;
  const { url, api_key } = kept;
  await directory.writeOperatorFile({ url, ...(localUrl && { local_url: localUrl }), api_key });
}

/** What a start shows of a new installation. */
export interface FirstStart {
  /** Created by the first embedded start only. */
  sample: Sample | undefined;
  /** Until an administrator has chosen a password. */
  administrator: PendingAdministrator | undefined;
}

/**
 * Creates what an embedded installation gets at its first start: the sample, unless the issuer is https, an
 * administrator and operator.json. On other databases `writ setup` does that; there a start only notes its URL in
 * operator.json, and finds out who still has to choose a password.
 */
export async function prepareFirstStart({
  settings,
  database,
  directory,
  domain,
  issuer,
  origin,
  log,
}: {
  settings: Pick<Settings, 'embedded' | 'HOST'>;
  database: Database;
  directory: DataDirectory;
  domain: Domain;
  issuer: string;
  /** Where the server listens. */
  origin: string;
  log: Pick<Log, 'warn'>;
}): Promise<FirstStart> {
  const localUrl = localUrlOf({ HOST: settings.HOST, PORT: Number(new URL(origin).port) }, issuer);
  if (!settings.embedded) {
    await noteLocalUrl(directory, { issuer, localUrl }).catch((error) =>
      log.warn({ err: error }, 'operator.json could not be updated with the local URL'),
    );
    return {
      sample: undefined,
      administrator: await ensureAdministrator(domain, issuer, undefined),
    };
  }
  const { resources, roles, registry } = domain;
  // An https issuer means that others reach the server, and the credentials of the sample are known too widely for that.
  const isForOthers = new URL(issuer).protocol === 'https:';
  const sample = isForOthers
    ? undefined
    : await seedSampleData({ database, resources, roles, clients: registry });
  if (isForOthers) await disableSampleClients({ database, clients: registry });
  const administrator = await ensureAdministrator(domain, issuer, 'account', {
    ...firstAdministrator,
    roles: await sampleRoles(roles),
  });
  await ensureOperatorFile({
    directory,
    domain,
    issuer,
    localUrl,
    onBroken: ({ file, problem }) =>
      log.warn(
        { file, problem },
        'operator.json was broken and was replaced; its API key is still active: revoke it with "writ api-keys"',
      ),
  });
  return { sample, administrator };
}
