import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { show, table } from './output.ts';
import { collect, type Runner, seconds } from './runner.ts';

interface Creation {
  name?: string;
  scope?: string[];
  format?: string;
  alg?: string;
  accessTokenTtl?: number;
  default?: boolean;
}

/** `writ resources`: the APIs that tokens are for. */
export function resourceCommands(program: Command, run: Runner): void {
  const resources = program.command('resources').description('the APIs that tokens are for');

  resources
    .command('create <identifier>')
    .description('make a resource; its identifier is a URI, and the audience of its tokens')
    .option('--name <name>', 'what people call it')
    .option(
      '--scope <name=sentence>',
      'a scope, and what it lets one do (may come several times)',
      collect,
    )
    .option('--format <format>', 'opaque (default) or jwt')
    .option('--alg <alg>', 'what signs its JWTs: ES256 (default), RS256 or EdDSA')
    .option('--access-token-ttl <seconds>', 'how long its access tokens live', seconds)
    .option('--default', 'requests that name no resource get tokens for this one')
    .addHelpText(
      'after',
      '\nExample:\n  writ resources create https://api.acme.com --scope "things:read=See your things" --format jwt --default',
    )
    .action(
      run(async ({ api, output }, identifier: string, options: Creation) =>
        show(
          output,
          await api.post('/resources', {
            identifier,
            name: options.name,
            scopes: options.scope?.map(parseScope),
            token_format: options.format,
            signing_alg: options.alg,
            access_token_ttl: options.accessTokenTtl,
            default: options.default,
          }),
        ),
      ),
    );

  resources
    .command('list')
    .description('all resources')
    .action(
      run(async ({ api, output }) =>
        table(output, (await api.get('/resources'))['items'] as Json[], [
          'identifier',
          'name',
          'scopes',
          'token_format',
          'default',
        ]),
      ),
    );
}

function parseScope(text: string): { name: string; description?: string } {
  const [, name = text, description] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  return description ? { name, description } : { name };
}
