import { firstAdministrator } from '../../config/administrator.ts';
import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import {
  ensureFirstAdministrator,
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
import { BrokenFileError, type DataDirectory } from './data-directory.ts';

/**
 * Makes a key for the `writ` command of this machine and keeps it in operator.json. Nothing where the
 * one that is there opens this installation; one of another, or of a database that is gone, gives way.
 */
export async function ensureOperatorFile({
  directory,
  domain,
  issuer,
  onBroken = () => {},
}: {
  directory: DataDirectory;
  domain: Domain;
  issuer: string;
  /** Told of a file that is broken, and gives way too. */
  onBroken?: ((error: BrokenFileError) => void) | undefined;
}): Promise<boolean> {
  const kept = await directory.readOperatorFile().catch((error) => {
    if (!(error instanceof BrokenFileError)) throw error;
    onBroken(error);
    return undefined;
  });
  const id = kept?.url === issuer ? parseToken(kept.api_key)?.id : undefined;
  const state = id && (await domain.lookup(id));
  const scopes = Object.keys(apiScopes);
  const held = new Set(scopeTokens(state?.scope));
  // One that an older version made lacks the scopes that came since.
  if (state?.alive && scopes.every((scope) => held.has(scope))) return false;
  const { value } = await issueApiKey(domain.database.kysely, {
    clientId: operatorClientId,
    name: 'operator',
    scopes,
  });
  await directory.create();
  await directory.writeOperatorFile({ url: issuer, api_key: value });
  if (state?.alive) await domain.revoke(state.id);
  return true;
}

/** Who is to administer an installation, while no administrator has a password. */
export interface PendingAdministrator {
  email: string;
  /** Where they choose it: told once, when the account is made. */
  invitationUri?: string;
}

/** Makes the first administrator where there is no account yet, unless it is `false`; tells who still has to choose a password. */
export async function ensureAdministrator(
  domain: Domain,
  issuer: string,
  given?: NewAdministrator | false,
): Promise<PendingAdministrator | undefined> {
  const made = given === false ? undefined : await ensureFirstAdministrator(domain, given);
  if (made)
    return { email: made.email, invitationUri: invitationUri(issuer, made.invitation.value) };
  const email = await pendingAdministrator(domain);
  return email === undefined ? undefined : { email };
}

/** What a start has to show of an installation that is new. */
export interface FirstStart {
  /** Created by the first embedded start only. */
  sample: Sample | undefined;
  /** Until an administrator has chosen a password. */
  administrator: PendingAdministrator | undefined;
}

/**
 * What an embedded installation gets at its first start: the sample, unless the issuer is https, an administrator
 * and operator.json.
 * On other databases `writ setup` does it; here such a start finds out only who still has to choose a password.
 */
export async function prepareFirstStart({
  settings,
  database,
  directory,
  domain,
  issuer,
  log,
}: {
  settings: Pick<Settings, 'embedded'>;
  database: Database;
  directory: DataDirectory;
  domain: Domain;
  issuer: string;
  log: Pick<Log, 'warn'>;
}): Promise<FirstStart> {
  if (!settings.embedded)
    return { sample: undefined, administrator: await ensureAdministrator(domain, issuer, false) };
  const { resources, roles, registry } = domain;
  // What is meant for trying out has no place where others reach the server.
  const isForOthers = new URL(issuer).protocol === 'https:';
  const sample = isForOthers
    ? undefined
    : await seedSampleData({ database, resources, roles, clients: registry });
  if (isForOthers) await disableSampleClients({ database, clients: registry });
  const administrator = await ensureAdministrator(domain, issuer, {
    ...firstAdministrator,
    roles: await sampleRoles(roles),
  });
  await ensureOperatorFile({
    directory,
    domain,
    issuer,
    onBroken: ({ file, problem }) =>
      log.warn(
        { file, problem },
        'operator.json was broken and is made anew; the key that it held lives on: end it with "writ api-keys"',
      ),
  });
  return { sample, administrator };
}
