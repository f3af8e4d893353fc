// Generates the reference pages: docs/settings.md, docs/limits.md, docs/cli.md, docs/dialects.md and docs/api.md from
// the code, docs/standards.md from docs/standards/. `npm run docs` writes them; a test checks that they are up to date.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { attempts, codeGuesses } from '../config/attempts.ts';
import { requestLimits } from '../config/limits.ts';
import { describeSettings, type SettingDescription } from '../config/settings.ts';
import { createProgram } from '../src/cli/program.ts';
import { dialectRouteTable } from '../src/dialects/route-table.ts';
import { routeLimits } from '../src/route-limits.ts';
import { apiPage } from './api-page.ts';
import { dialectsPage } from './dialects-page.ts';
import { standardsPage } from './standards-page.ts';

/** The pages, by their paths from the root of the project. */
export function generatedPages(): Record<string, string> {
  return {
    'docs/settings.md': settingsPage(),
    'docs/limits.md': limitsPage(),
    'docs/cli.md': cliPage(),
    'docs/dialects.md': `${note}\n${dialectsPage()}`,
    'docs/api.md': `${note}\n${apiPage()}`,
    'docs/standards.md': `<!-- Generated from docs/standards/ by \`npm run docs\`: change it there. -->\n\n${standardsPage()}`,
  };
}

const note = '<!-- Generated from the code by `npm run docs`: change it there. -->\n';

function settingsPage(): string {
  const row = ({ name, default: standard, meaning, change }: SettingDescription) =>
    `| \`${name}\` | ${'value' in standard ? `\`${standard.value}\`` : standard.words} | ${meaning.replaceAll('|', '\\|')} | ${change} |`;
  const sections = Object.entries(Object.groupBy(describeSettings(), ({ group }) => group)).map(
    ([group, settings = []]) =>
      `## ${group}\n\n| name | default | meaning | what a change does |\n|---|---|---|---|\n${settings.map(row).join('\n')}`,
  );
  return `${note}
# Settings

Settings are environment variables; an empty one counts as unset. Each has a default that works on the embedded
database. All problems are reported at once at the start, before anything is created. \`writ doctor\` checks the settings
of its environment.

A server reads its settings at its start: a change needs a restart of every server. \`writ settings list\`, \`GET /api/v1/settings\` and the
page *Settings* of the [console](console.md) show what a running server uses, and which of it the environment sets.

${sections.join('\n\n')}

## OpenTelemetry

The standard variables of OpenTelemetry (\`OTEL_*\`) export traces and metrics: [metrics.md](metrics.md#opentelemetry) has those that the
server reads.

## The \`writ\` command

Commands that talk to a server read these, besides \`DATA_DIR\` for operator.json:

| name | default | meaning |
|---|---|---|
| \`WRIT_URL\` | the URL in operator.json | The server, as \`--url\` |
| \`WRIT_TOKEN\` | the API key in operator.json | The token, as \`--token\`, which other users of the machine could see in the list of processes |
| \`NODE_EXTRA_CA_CERTS\` | none | A file with the certificates (PEM) of your own certificate authority, for a server, Postgres, Redis or mail server with a certificate of it. The server reads it as well |
| \`NO_COLOR\` | none | Set to any value, the command prints no colours |
`;
}

function limitsPage(): string {
  const limits = Object.entries(requestLimits).map(
    ([name, { points, seconds, by, counts, counted, meaning }]) =>
      `| \`${name}\` | ${points} in ${seconds} s | ${by} | ${counts} | ${counted} | ${meaning} |`,
  );
  const routes = Object.entries(routeLimits).map(
    ([path, limit]) =>
      `| \`${path}\` | ${'none' in limit ? `none: ${limit.none}` : limit.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const dialectRoutes = dialectRouteTable().map(
    ({ method, path, limit }) =>
      `| \`${method} ${path}\` | ${'none' in limit ? `none: ${limit.none}` : limit.map((name) => `\`${name}\``).join(', ')} |`,
  );
  const tries = ({ points, seconds }: { points: number; seconds: number }) =>
    `${points} in ${seconds / 60} minutes`;
  return `${note}
# Limits

Every route that can be called without credentials has a rate limit: no stranger can fill a store or use up the time of
the server. Beyond a limit the response is 429 with \`Retry-After\`: JSON (\`too_many_requests\`) for programs, a page for
people. \`RateLimit-Policy\` and \`RateLimit\` (draft-ietf-httpapi-ratelimit-headers) are also in responses below the limit.

A *network* is an IPv4 address, or the /64 of an IPv6 address. Behind a proxy, set \`TRUST_PROXY\`:
otherwise all callers have the address of the proxy.

A limit of *refusals* counts wrong credentials. It never refuses right ones, whatever others behind the same address do,
and they do not count: introspection, revocation and token requests of authenticated clients have no limit. Beyond the
limit wrong credentials get 429 in place of 401. The one exception is an imported client secret, until it has
matched once: beyond the limit no slow hash is computed, so the right secret is refused as well.

Limits are counted in Redis, or in Postgres if there is no Redis or it is unavailable. A process remembers who has reached
a limit, and refuses them without a round trip until the window is over.

| name | default | by | counts | counted | of |
|---|---|---|---|---|---|
${limits.join('\n')}

\`LIMITS\` changes them: \`LIMITS="device_authorization.network=600/60,pages.network=off"\`, points and
seconds; \`0\` or \`off\` switches a limit off.

## Routes

A row is for the path and all paths below it, except those of other rows.

| path | limits |
|---|---|
${routes.join('\n')}

Routes of the dialects that are on ([dialects](dialects.md)):

| route | limits |
|---|---|
${dialectRoutes.join('\n')}

## People

These limits are fixed, in config/attempts.ts. Successful attempts do not count.

| what | at most |
|---|---|
| wrong passwords for one account from one network | ${tries(attempts.ofAccountFromAddress)} |
| wrong passwords from one network, for any account | ${tries(attempts.fromAddress)} |
| wrong passwords in a browser that the account knows | ${tries(attempts.fromKnownBrowser)} |
| wrong current passwords when changing the password, in one session | ${tries(attempts.atChangingPassword)} |
| unknown user codes, by one account | ${tries(codeGuesses.ofAccount)} |
| unknown user codes, in one session | ${tries(codeGuesses.ofSession)} |

How often a device can poll follows RFC 8628 §3.5. The limits of an app are in config/apps.ts.
`;
}

function cliPage(): string {
  const sections: string[] = [];
  const addHelp = (command: Command, path: string) => {
    const name = path ? `${path} ${command.name()}` : command.name();
    let help = '';
    command.configureHelp({ helpWidth: 100 }).configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    sections.push(`## \`${name}\`\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``);
    for (const child of command.commands) addHelp(child, name);
  };
  addHelp(createProgram({}, { out: () => {}, err: () => {} }), '');
  return `${note}
# The \`writ\` command

Exit codes: 0 done, 1 refused or failed, 2 wrong usage. Only \`serve\`, \`migrate\` and \`setup\` open the
database; everything else talks to the API of a running server. Commands that cannot be undone ask first
on a terminal; a script passes --yes.

${sections.join('\n\n')}
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, page] of Object.entries(generatedPages())) await writeFile(path, page);
