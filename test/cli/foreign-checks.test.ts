import { expect, test } from '@jest/globals';
import { report } from '../../src/cli/doctor/report.ts';

test('what a foreign server says of its checks does nothing to the terminal', () => {
  let written = '';
  const output = {
    json: false,
    columns: 80,
    colours: false,
    warn: () => {},
    write: (part: string) => {
      written += part;
    },
  };
  const evil = 'in order\u001b[2J\u001b]0;title\u0007\u202e\r';
  const check = { name: evil, status: 'ok' as const, message: evil, remedy: evil };
  report(output, [{ area: 'server', title: 'The server', checks: [check] }]);
  expect(written).toContain('in order');
  expect(written.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
});
