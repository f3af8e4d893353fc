import type { Settings } from '../../config/settings.ts';
import { createBloq } from '../dialects/bloq/index.ts';
import type { Dialect } from '../dialects/framework/dialect.ts';
import { mountDialects } from '../dialects/framework/mount.ts';
import { createSqliteCloud } from '../dialects/sqlitecloud/index.ts';
import { createSquidex } from '../dialects/squidex/index.ts';
import type { Domain } from '../domain/index.ts';

interface Options {
  settings: Pick<Settings, 'DIALECTS'>;
  issuer: string;
}

/** The dialects that are switched on, with what they use of the domain. */
export function wireDialects(domain: Domain, { settings, issuer }: Options) {
  const { findPrincipal, apps, appClients, namedTokens, apiTokens, end, audit } = domain;
  const create: Record<Settings['DIALECTS'][number], () => Dialect> = {
    squidex: () => createSquidex({ issuer, findPrincipal, apps, appClients }),
    sqlitecloud: () => createSqliteCloud({ findPrincipal, namedTokens, apiTokens, end, audit }),
    bloq: () => createBloq(),
  };
  return mountDialects(settings.DIALECTS.map((name) => create[name]()));
}
