import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);

test('a resource server imports the permissions of the built package with plain Node', async () => {
  const root = process.cwd();
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-package-'));
  try {
    await copyFile('package.json', path.join(directory, 'package.json'));
    await writeFile(
      path.join(directory, 'tsconfig.json'),
      JSON.stringify({
        extends: path.join(root, 'tsconfig.build.json'),
        compilerOptions: {
          rootDir: root,
          outDir: 'dist',
          typeRoots: [path.join(root, 'node_modules', '@types')],
        },
        include: [path.join(root, 'src', 'sdk')],
      }),
    );
    await run(path.join(root, 'node_modules', '.bin', 'tsc'), ['-p', directory]);
    const { stdout } = await run(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import * as permissions from 'writ/permissions';
        console.log(Object.keys(permissions).join(), permissions.allows(['things'], 'things.read'));`,
      ],
      { cwd: directory, env: { PATH: process.env['PATH'] } },
    );
    expect(stdout).toBe('allows,covers,intersect,isPermission true\n');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
