import type { Check } from '../../boot/check.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { type ConnectionOptions, locate, type Whereabouts } from '../context.ts';
import type { Environment } from '../environment.ts';
import { Failure } from '../failure.ts';
import { issuerAt } from '../server-issuer.ts';
import { failedBy } from './check.ts';
import { checkMachine } from './machine.ts';
import { checkFromOutside } from './outside.ts';
import type { Area } from './report.ts';
import { checkServer } from './server.ts';

/** Runs all checks, whatever is unreachable. */
export async function examine(
  options: ConnectionOptions,
  environment: Environment,
  now: Date,
): Promise<Area[]> {
  const { whereabouts, trouble } = await find(options, environment);
  const machine = await checkMachine(environment, whereabouts);
  // Before the set-up there is no server to check: what the machine lacks is the whole answer.
  const isNew = !whereabouts.url && trouble.length === 0;
  const server = isNew ? { checks: [], unreachable: true } : await checkServer(whereabouts);
  return [
    { area: 'machine', title: 'This machine', checks: [...machine, ...trouble] },
    { area: 'server', title: 'The server', checks: server.checks },
    {
      area: 'outside',
      title: 'The issuer, from here',
      checks: isNew
        ? []
        : await checkIssuer(whereabouts, environment['ISSUER'], server.unreachable, now),
    },
  ];
}

/** An operator.json that cannot be read is a failed check, and the others still run. */
async function find(
  options: ConnectionOptions,
  environment: Environment,
): Promise<{ whereabouts: Whereabouts; trouble: Check[] }> {
  try {
    return { whereabouts: await locate(options, environment), trouble: [] };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { whereabouts: {}, trouble: [failedBy('operator file', error)] };
  }
}

/** While the server is unreachable, only an issuer with another URL can still be checked. */
async function checkIssuer(
  { url }: Whereabouts,
  setting: string | undefined,
  unreachable: boolean,
  now: Date,
): Promise<Check[]> {
  const said = url && !unreachable ? await issuerAt(url.value) : undefined;
  const issuer = said ?? setting ?? url?.value;
  if (!issuer || !URL.canParse(issuer) || (unreachable && url && urlOf(issuer, '') === url.value))
    return [];
  return checkFromOutside(issuer, { setting, now });
}
