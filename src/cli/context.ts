import { loadSettings } from '../../config/settings.ts';
import { openDataDirectory } from '../data-directory.ts';
import { createApiClient } from './api-client.ts';
import { Failure } from './failure.ts';

export type Environment = Record<string, string | undefined>;

export interface ConnectionOptions {
  url?: string | undefined;
  token?: string | undefined;
}

/**
 * The API that a command talks to. The token is the first of: `--token`, `WRIT_TOKEN`, the operator's
 * file in DATA_DIR, which is sent to no other server than its own.
 */
export async function connect({ url, token }: ConnectionOptions, environment: Environment) {
  const operator = await openDataDirectory(
    loadSettings({ DATA_DIR: environment['DATA_DIR'] }).DATA_DIR,
  ).readOperatorFile();
  const target = (url ?? environment['WRIT_URL'] ?? operator?.url)?.replace(/\/+$/, '');
  if (!target)
    throw new Failure(
      'No server is known here. Start one with "writ serve" in this directory, or name one with --url and --token.',
    );
  const given = token ?? environment['WRIT_TOKEN'];
  if (!given && operator?.url !== target)
    throw new Failure(`No token for ${target} is known. Give one with --token or WRIT_TOKEN.`);
  return createApiClient({ url: target, token: given ?? operator?.api_key ?? '' });
}
