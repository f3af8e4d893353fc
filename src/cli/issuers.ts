import type { Command } from 'commander';
import { issuerPresets, issuerUses, readClaims } from '../../config/trusted-issuers.ts';
import type { Json } from './api-client.ts';
import { collect, wholeNumber } from './arguments.ts';
import { addCheck } from './check.ts';
import { commandName } from './command-name.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { Failure, WrongUsage } from './failure.ts';
import { readGiven } from './given-files.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const issuerFields: Field[] = [
  { option: 'name', name: 'name', holds: 'one' },
  { option: 'issuer', name: 'issuer', holds: 'one' },
  { option: 'jwks-uri', name: 'jwks_uri', holds: 'one' },
  { option: 'algorithm', name: 'algorithms', holds: 'list' },
  { option: 'audience', name: 'audiences', holds: 'list' },
  { option: 'use', name: 'uses', holds: 'list' },
  { option: 'provider', name: 'provider_id', holds: 'one' },
  { option: 'max-age', name: 'max_age', holds: 'one' },
  { option: 'token-lifetime', name: 'token_lifetime', holds: 'one' },
  { option: 'single-use', name: 'single_use', holds: 'one' },
  { option: 'private-network', name: 'private_network', holds: 'one' },
  { option: 'enabled', name: 'enabled', holds: 'one' },
];

const editable = issuerFields.filter(({ option }) =>
  ['algorithm', 'audience', 'use', 'provider', 'jwks-uri'].includes(option),
);

interface IssuerOptions extends Edits {
  jwksFile?: string;
}

/** `writ issuers`: issuers whose tokens are accepted in place of secrets. */
export function issuerCommands(program: Command, run: Runner): void {
  const issuers = program
    .command('issuers')
    .description('trusted issuers: programs with their tokens need no secret');

  addOptions(issuers.command('create <id>'))
    .description('trust the tokens of an issuer')
    .option('--preset <preset>', `what is known of it: ${Object.keys(issuerPresets).join(', ')}`)
    .option('--tenant <tenant>', 'for azure: the ID of the tenant')
    .addHelpText(
      'after',
      `
Rules then say which client a token authenticates: writ issuers rules set.
Examples:
  writ issuers create github --preset github
  writ issuers create cluster --preset kubernetes --jwks-file jwks.json \\
    --issuer https://kubernetes.default.svc`,
    )
    .action(
      run(
        async (
          { api, output },
          id: string,
          options: IssuerOptions & { preset?: string; tenant?: string },
        ) =>
          show(
            output,
            await api.post('/trusted-issuers', {
              id,
              preset: options.preset,
              tenant: options.tenant,
              ...fieldsOf(issuerFields, options),
              ...(await keysIn(options)),
            }),
          ),
      ),
    );

  addEditOptions(addOptions(issuers.command('update <id>')), editable)
    .description('change an issuer; an option replaces the values of its field')
    .option('--no-jwks', 'its keys are not pasted, but fetched')
    .addHelpText(
      'after',
      `
Tokens that were issued for an issuer end when it is disabled.
Examples:
  writ issuers update cluster --jwks-file jwks.json
  writ issuers update github --no-enabled`,
    )
    .action(
      run(async ({ api, output }, id: string, options: IssuerOptions & { jwks?: boolean }) => {
        const { jwks, ...given } = options;
        requireSomething(jwks === false ? options : given);
        const keys = await keysIn(options);
        show(
          output,
          await api.update(pathOf(id), (current) => ({
            ...changesOf(issuerFields, options, current),
            ...keys,
            ...(jwks === false && { jwks: null }),
          })),
        );
      }),
    );

  issuers
    .command('list')
    .description('all trusted issuers')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/trusted-issuers'), {
          columns: ['id', 'name', 'issuer', 'enabled', 'uses'],
          empty: `There are no trusted issuers. Create one: ${commandName} issuers create`,
        }),
      ),
    );

  issuers
    .command('show <id>')
    .description('one issuer, with its rules')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  addCheck(issuers, run, {
    description: 'read its keys, and compare them with the settings',
    pathOf,
    failure: (id) => `Tokens of ${id} cannot be verified.`,
  });

  issuers
    .command('try <id>')
    .description('which rule a token matches, or why none does')
    .requiredOption('--token-file <file>', 'a file with the token; -: standard input')
    .addHelpText(
      'after',
      `
The token is neither stored nor used.
Example:
  kubectl create token api --audience https://login.acme.com |
    writ issuers try cluster --token-file -`,
    )
    .action(
      run(async ({ api, output }, id: string, { tokenFile }: { tokenFile: string }) => {
        const token = (await readGiven(tokenFile)).trim();
        const trial = await api.post(`${pathOf(id)}/try`, { token });
        const { rules, ...found } = trial;
        show(output, output.json ? trial : found);
        if (!output.json)
          table(output, (rules as Json[]).map(rowOf), {
            columns: ['rule', 'client', 'matches', 'because'],
            empty: `${id} has no rule for this token.`,
          });
        if (found['client'] === null)
          throw new Failure(String(found['problem'] ?? 'The token matches no rule.'));
      }),
    );

  issuers
    .command('delete <id>')
    .description('delete an issuer; the tokens of its clients end')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, id: string, options: { yes?: boolean }) => {
        await confirm(`Delete the issuer ${id}? The tokens of its clients end.`, options);
        await api.delete(pathOf(id));
        done(output, `The issuer ${id} is deleted.`, { id, deleted: true });
      }),
    );

  ruleCommands(issuers, run);
}

/** A rule that was tried, with the claims that do not match. */
function rowOf({ name, client, matches, enabled, mismatches }: Json): Json {
  const reasons = (mismatches as { claim: string; found: string[]; expected: string[] }[]).map(
    ({ claim, found, expected }) =>
      `${claim} is ${found.join(', ') || 'absent'}, not ${expected.join(' or ')}`,
  );
  return {
    rule: name,
    client,
    matches,
    because: [...(enabled === false ? ['it is not in force'] : []), ...reasons].join('; '),
  };
}

interface RuleOptions {
  client: string;
  claim: string[];
  scope?: string[];
  role?: string[];
  enabled?: boolean;
}

interface Rule extends Json {
  name: string;
}

function ruleCommands(issuers: Command, run: Runner): void {
  const rules = issuers
    .command('rules')
    .description('which client a token of an issuer authenticates: the first rule that matches');

  rules
    .command('set <id> <name>')
    .description('add a rule as the last one, or replace the rule with this name')
    .requiredOption('--client <client>', 'the client that a matching token authenticates')
    .requiredOption('--claim <claim=pattern>', 'a claim that must match (repeatable)', collect)
    .option(
      '--scope <scope>',
      'a scope that it can get by the rule; default: all (repeatable)',
      collect,
    )
    .option('--role <role>', 'a role of its tokens by the rule; default: all (repeatable)', collect)
    .option('--no-enabled', 'the rule is not in force')
    .addHelpText(
      'after',
      `
In a pattern * is one or more characters but : and /, and ** any. A claim that
is named twice must match one of its patterns.
Examples:
  writ issuers rules set cluster backend --client backend \\
    --claim 'sub=system:serviceaccount:prod:api'
  writ issuers rules set github deploy --client deploy --scope things:write \\
    --claim repository=acme/api --claim ref=refs/heads/main`,
    )
    .action(
      run(async ({ api, output }, id: string, name: string, options: RuleOptions) => {
        const rule = ruleOf(name, options);
        show(
          output,
          await api.update(pathOf(id), (current) => {
            const known = current['rules'] as Rule[];
            const isKnown = known.some((each) => each.name === name);
            return {
              rules: isKnown
                ? known.map((each) => (each.name === name ? rule : each))
                : [...known, rule],
            };
          }),
        );
      }),
    );

  rules
    .command('delete <id> <name>')
    .description('delete a rule; the tokens of its client end')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(
        async ({ api, output, confirm }, id: string, name: string, options: { yes?: boolean }) => {
          await confirm(`Delete the rule ${name}? The tokens of its client end.`, options);
          await api.update(pathOf(id), (current) => {
            const known = current['rules'] as Rule[];
            if (!known.some((each) => each.name === name))
              throw new Failure(`${id} has no rule ${name}.`);
            return { rules: known.filter((each) => each.name !== name) };
          });
          done(output, `The rule ${name} is deleted.`, { id, name, deleted: true });
        },
      ),
    );
}

function ruleOf(name: string, { client, claim, scope, role, enabled }: RuleOptions): Rule {
  const claims = readClaims(
    claim,
    (each) => new WrongUsage(`Expected CLAIM=PATTERN in ${JSON.stringify(each)}.`),
  );
  return {
    name,
    client,
    claims,
    scopes: scope ?? null,
    roles: role ?? null,
    enabled: enabled ?? true,
  };
}

const addOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'its name')
    .option('--issuer <url>', 'the iss of its tokens')
    .option('--jwks-uri <url>', 'where its keys are (default: as its discovery document says)')
    .option('--jwks-file <file>', 'a file with its public keys, if the server cannot reach it')
    .option('--algorithm <alg>', 'a signature algorithm of its tokens (repeatable)', collect)
    .option(
      '--audience <aud>',
      'the aud of its tokens (default: the issuer here; repeatable)',
      collect,
    )
    .option('--use <use>', `${issuerUses.join(', ')} (repeatable)`, collect)
    .option('--provider <id>', 'the identity provider whose identities its subjects are')
    .option('--max-age <seconds>', 'the age of its tokens', (value) => wholeNumber(value))
    .option('--token-lifetime <seconds>', 'how long tokens issued for them live', (value) =>
      wholeNumber(value),
    )
    .option('--single-use', 'a token needs a jti, and authenticates once')
    .option('--no-single-use', 'a token can be used again until it expires')
    .option('--private-network', 'it is in a private network or on this machine')
    .option('--no-private-network', 'it is on the internet (default)')
    .option('--enabled', 'its tokens are accepted (default)')
    .option('--no-enabled', 'they are not; tokens issued for them end');

async function keysIn({ jwksFile }: IssuerOptions): Promise<Json> {
  if (jwksFile === undefined) return {};
  try {
    return { jwks: JSON.parse(await readGiven(jwksFile)) };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new WrongUsage('The file with the keys is not JSON.');
  }
}

const pathOf = (id: string) => `/trusted-issuers/${encodeURIComponent(id)}`;
