import type { Check } from '../../boot/check.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { type ConnectionOptions, type Environment, locate, type Whereabouts } from '../context.ts';
import { Failure } from '../failure.ts';
import { failedBy } from './check.ts';
import { checkMachine } from './machine.ts';
import { checkFromOutside, issuerOf } from './outside.ts';
import type { Area } from './report.ts';
import { checkServer } from './server.ts';

/** Looks at everything, whatever is away. */
export async function examine(
  options: ConnectionOptions,
  environment: Environment,
  now: Date,
): Promise<Area[]> {
  const { whereabouts, trouble } = await find(options, environment);
  const machine = await checkMachine(environment, whereabouts);
  const server = await checkServer(whereabouts);
  return [
    { area: 'machine', title: 'This machine', checks: [...machine, ...trouble] },
    { area: 'server', title: 'The server', checks: server.checks },
    {
      area: 'outside',
      title: 'The issuer, from here',
      checks: await checkIssuer(whereabouts, environment['ISSUER'], server.away, now),
    },
  ];
}

/** An operator.json that cannot be read is something to tell, not to stop at. */
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

/** While the server is away, only an issuer of another name can still be looked at. */
async function checkIssuer(
  { url }: Whereabouts,
  setting: string | undefined,
  away: boolean,
  now: Date,
): Promise<Check[]> {
  const said = url && !away ? await issuerOf(url.value) : undefined;
  const issuer = said ?? setting ?? url?.value;
  if (!issuer || !URL.canParse(issuer) || (away && url && urlOf(issuer, '') === url.value))
    return [];
  return checkFromOutside(issuer, { setting, now });
}
