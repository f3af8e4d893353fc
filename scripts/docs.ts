// Writes the reference pages that are made from the code: docs/settings.md, docs/cli.md and docs/api.md.
// `npm run docs` writes them; a test compares them with what this would write.
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { describeSettings } from '../config/settings.ts';
import { createProgram } from '../src/cli/index.ts';
import { apiPage } from './api-page.ts';

/** The pages, by their paths from the project's root. */
export function generatedPages(): Record<string, string> {
  return {
    'docs/settings.md': settingsPage(),
    'docs/cli.md': cliPage(),
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

Environment variables. Each has a default that works on the embedded database; what is wrong is told
all at once at the start.

| name | default | meaning |
|---|---|---|
${rows.join('\n')}
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
