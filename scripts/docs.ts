// Writes the reference pages that are made from the code: docs/settings.md, docs/limits.md, docs/cli.md,
// docs/dialects.md and docs/api.md.
// `npm run docs` writes them; a test compares them with what this would write.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { attempts, codeGuesses } from '../config/attempts.ts';
import { requestLimits } from '../config/limits.ts';
import { describeSettings } from '../config/settings.ts';
import { createProgram } from '../src/cli/index.ts';
import { dialectRouteTable } from '../src/dialects/route-table.ts';
import { routeLimits } from '../src/route-limits.ts';
import { apiPage } from './api-page.ts';
import { dialectsPage } from './dialects-page.ts';

/** The pages, by their paths from the project's root. */
export function generatedPages(): Record<string, string> {
  return {
    'docs/settings.md': settingsPage(),
    'docs/limits.md': limitsPage(),
    'docs/cli.md': cliPage(),
    'docs/dialects.md': `${note}\n${dialectsPage()}`,
    'docs/api.md': `${note}\n${apiPage()}`,
  };
}

const note = '<!-- Made from the code by `npm run docs`: change it there. -->\n';

function settingsPage(): string {
  const rows = describeSettings().map(
    ({ name, default: standard, meaning }) =>
      `| \`${name}\` | ${standard === undefined ? '' : `\`${standard}\``} | ${meaning.replaceAll('|', '\\|')} |`,
  );
  return `${note}
# Settings

Environment variables. Each has a default that works on the embedded database; what is wrong is reported
all at once at the start.

| name | default | meaning |
|---|---|---|
${rows.join('\n')}
`;
}

function limitsPage(): string {
  const limits = Object.entries(requestLimits).map(
    ([name, { points, seconds, by, counts, counted, meaning }]) =>
      `| \`${name}\` | ${points} in ${seconds} s | ${by} | ${counts} | ${counted} | ${meaning} |`,
  );
  const routes = Object.entries(routeLimits).map(
    ([path, said]) =>
      `| \`${path}\` | ${'none' in said ? `none: ${said.none}` : said.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const dialectRoutes = dialectRouteTable().map(
    ({ method, path, limit }) =>
      `| \`${method} ${path}\` | ${'none' in limit ? `none: ${limit.none}` : limit.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const tries = ({ points, seconds }: { points: number; seconds: number }) =>
    `${points} in ${seconds / 60} minutes`;
  return `${note}
# Limits

Every route that can be called without a credential has a limit, so that no stranger can fill a store or
use up the time of the server. A caller beyond a limit is answered 429 with \`Retry-After\`, and with
\`RateLimit-Policy\` and \`RateLimit\` (draft-ietf-httpapi-ratelimit-headers), which answers below the
limit have too: programs as JSON (\`too_many_requests\`), people on a page.

A *network* is an IPv4 address, or the /64 of an IPv6 address. Behind a proxy, set TRUST_PROXY: else
all callers have the address of the proxy.

A limit of *refusals* counts wrong credentials. Right ones are never refused by it, whatever others do
behind the same address, and they cost nothing: introspection, revocation and token requests of clients
that authenticate have no limit. Beyond the limit what is wrong is answered 429 in place of 401. The one
exception is a client secret that a person chose, or that was imported as a hash, until it has matched
once: no slow hash is computed beyond the limit, so that the right one is refused as well.

Limits are counted in Redis, and in Postgres where there is no Redis or while it cannot be used. A process
remembers who has reached a limit and refuses them without asking the store until the period is over.

| name | default | by | counts | counted | of what |
|---|---|---|---|---|---|
${limits.join('\n')}

\`LIMITS\` changes them: \`LIMITS="device_authorization.network=600/60,pages.network=off"\`, points and
seconds; \`0\` or \`off\` switches one off.

## Routes

The path, and all below it that no other row names.

| path | limits |
|---|---|
${routes.join('\n')}

Of the dialects that are switched on ([dialects](dialects.md)):

| route | limits |
|---|---|
${dialectRoutes.join('\n')}

## People

These are not settable, and are given back where the person was right. See config/attempts.ts.

| what | how often |
|---|---|
| wrong passwords for one account from one network | ${tries(attempts.ofAccountFromAddress)} |
| wrong passwords from one network, for any accounts | ${tries(attempts.fromAddress)} |
| wrong passwords in a browser that the account knows | ${tries(attempts.fromKnownBrowser)} |
| wrong current passwords when changing the password, in one session | ${tries(attempts.atChangingPassword)} |
| user codes that no device has, of one account | ${tries(codeGuesses.ofAccount)} |
| user codes that no device has, in one session | ${tries(codeGuesses.ofSession)} |

How often a device may poll follows RFC 8628 §3.5. What an app may hold is in config/apps.ts.
`;
}

function cliPage(): string {
  const sections: string[] = [];
  const browserSession = (command: Command, path: string) => {
    const name = path ? `${path} ${command.name()}` : command.name();
    let help = '';
    command.configureHelp({ helpWidth: 100 }).configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    sections.push(`## \`${name}\`\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``);
    for (const child of command.commands) browserSession(child, name);
  };
  browserSession(createProgram({}, { out: () => {}, err: () => {} }), '');
  return `${note}
# The \`writ\` command

Exit codes: 0 done, 1 refused or failed, 2 wrong usage. Only \`serve\`, \`migrate\` and \`setup\` open the
database; everything else talks to the API of a running server. What cannot be undone asks first on a
terminal; a script says --yes.

${sections.join('\n\n')}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, page] of Object.entries(generatedPages())) await writeFile(path, page);
