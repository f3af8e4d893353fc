// Builds the package writ-sdk in sdk/node, ready for `npm install ./sdk/node` and `npm publish`: `npm run build:sdk`.
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'sdk/node');
rmSync(path.join(target, 'dist'), { recursive: true, force: true });
const tsc = path.join(root, 'node_modules/.bin/tsc');
const { status } = spawnSync(tsc, ['-p', target], { stdio: 'inherit' });
copyFileSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
process.exitCode = status ?? 1;
