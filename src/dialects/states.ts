import type { DialectName } from '../../config/dialects.ts';
import type { ListDialects } from '../domain/installation/dialects.ts';
import { keysOf, splitKey } from './framework/paths.ts';
import { allDialects } from './index.ts';

/** Returns the states of all dialects, of which those of these names are on. */
export const createListDialects =
  (on: readonly DialectName[]): ListDialects =>
  () =>
    allDialects.map(({ name, title, resource, client, moving, features, routes }) => ({
      name,
      product: title,
      on: on.includes(name),
      resource: resource.identifier,
      client_id: client?.clientId ?? null,
      moving: { ...moving, differs: [...moving.differs] },
      features: features.map(({ id, feature, shown }) => ({
        id,
        feature,
        missing: 'not' in shown ? shown.not : null,
      })),
      paths: keysOf(routes).map(splitKey),
    }));
