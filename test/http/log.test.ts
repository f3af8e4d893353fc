import { execFile, execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { currentRequest, inRequestContext } from '../../src/domain/audit/request-context.ts';
import { createLog } from '../../src/http/log.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

/** The lines that a log writes. */
function written(use: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  use(createLog('info', { destination, request: currentRequest }));
  return lines;
}

test('a line has its time, level and message, and the request during which it was written', () => {
  const lines = written((log) => {
    log.info('outside');
    inRequestContext({ requestId: 'the-request', ip: undefined }, () => log.warn('inside'));
    log.debug('more than is wanted');
  }).map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { level: 30, time: expect.any(Number), msg: 'outside' },
    { level: 40, time: expect.any(Number), msg: 'inside', request_id: 'the-request' },
  ]);
});

test('a request is known only while it is handled, and only to itself', async () => {
  const ids = await Promise.all(
    ['a', 'b'].map((requestId) =>
      inRequestContext({ requestId, ip: undefined }, async () => {
        await new Promise(setImmediate);
        return currentRequest()?.requestId;
      }),
    ),
  );
  expect(ids).toEqual(['a', 'b']);
  expect(currentRequest()).toBeUndefined();
});

test('of an error the log has its type, message and stack, and none of its other properties', () => {
  const error = Object.assign(new Error('refused'), {
    code: '23505',
    detail: 'Key (secret)=(hunter2) already exists.',
    parameters: ['hunter2'],
  });
  const [line = ''] = written((log) => log.error({ err: new Error('no', { cause: error }) }, 'x'));
  expect(line).not.toContain('hunter2');
  expect(JSON.parse(line).err).toMatchObject({
    message: 'no',
    cause: { type: 'Error', code: '23505', message: 'refused', stack: expect.any(Array) },
  });
});

const program = `
  const { openLog } = await import('./src/http/log.ts');
  (await openLog({ LOG_LEVEL: 'info', LOG_FORMAT: process.env.LOG_FORMAT })).info({ a: 1 }, 'hello');
`;
const script = ['--input-type=module', '--eval', program];

/** What a process writes to a standard error that is a pipe. */
const inAPipe = async (format: string): Promise<string> => {
  const env = { ...process.env, NODE_OPTIONS: '', LOG_FORMAT: format };
  return (await run(process.execPath, script, { cwd: root, env })).stderr;
};

test('a program that reads the log gets JSON, unless LOG_FORMAT is pretty', async () => {
  for (const format of ['auto', 'json'])
    expect(JSON.parse(await inAPipe(format))).toMatchObject({ level: 30, msg: 'hello', a: 1 });
  expect(await inAPipe('pretty')).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: hello \{"a":1\}\n$/);
});

/** util-linux's `script`, which runs a command in a terminal. */
const terminal = (() => {
  try {
    return /util-linux/.test(execFileSync('script', ['--version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
})();

(terminal ? test : test.skip)('a person at a terminal gets words', async () => {
  const command = `"${process.execPath}" --input-type=module --eval "$PROGRAM"`;
  const env = { ...process.env, NODE_OPTIONS: '', PROGRAM: program, LOG_FORMAT: 'auto' };
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], { cwd: root, env });
  expect(stdout).toMatch(/INFO.*hello/);
  expect(stdout).not.toContain('"level"');
});
