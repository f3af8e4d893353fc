import type { Settings } from '../../config/settings.ts';
import { dialectDescriptions } from '../dialects/index.ts';
import type { Resources } from '../domain/resources/resources.ts';
import { OAuthError } from '../oauth/errors.ts';

/**
 * Creates the resource of each dialect that is switched on, where it is not there yet. An administrator may change it
 * afterwards: what is there stays as it is. Another process may be creating it at the same moment.
 */
export async function ensureDialectResources(
  { DIALECTS }: Pick<Settings, 'DIALECTS'>,
  resources: Pick<Resources, 'find' | 'create'>,
): Promise<void> {
  for (const name of DIALECTS) {
    const { resource } = dialectDescriptions[name];
    if (await resources.find(resource.identifier)) continue;
    try {
      await resources.create(resource);
    } catch (error) {
      if (!(error instanceof OAuthError && error.code === 'conflict')) throw error;
    }
  }
}
