// The conformance tests of the Model Context Protocol for authorization servers: the published package, from test/clients,
// for every revision of the specification that has authorization.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { allow } from '../protocol/authorization/support.ts';
import { createResource } from '../protocol/token/support.ts';
import { signedIn } from '../support/people.ts';
import { freePort } from '../support/process.ts';
import { conformanceOfMcp, mcpPackagesAreThere } from '../support/published-clients.ts';
import { onStack, unique } from '../support/stacks.ts';

interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

(mcpPackagesAreThere() ? describe : describe.skip)('MCP conformance', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'writ-mcp-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  /** The checks of a run, as it writes them. */
  const checksIn = (folder: string): Check[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('checks.json'))
      .flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));

  onStack(
    (stack) => {
      test.each(['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'])(
        'revision %s: no check fails, warns or is left out',
        async (version) => {
          const resource = await createResource(stack());
          const port = await freePort();
          const { id } = await stack().api.createClient({
            client_id: unique('mcp'),
            ...{ token_endpoint_auth_method: 'none', application_type: 'native' },
            ...{ grant_types: ['authorization_code'], response_types: ['code'] },
            redirect_uris: ['http://127.0.0.1/callback'],
            resources: [resource],
            scope: 'things:read',
          });
          const { visitor } = await signedIn(stack());
          const output = path.join(directory, version);
          const run = spawn(process.execPath, [
            conformanceOfMcp,
            ...['authorization', '--url', stack().issuer, '--spec-version', version],
            ...['--client-id', id, '--resource', resource, '--port', String(port)],
            ...['--output-dir', output],
          ]);
          const ended = new Promise((resolve) => void run.once('close', resolve));
          let printed = '';
          for await (const chunk of run.stdout.setEncoding('utf8')) {
            const before = printed;
            printed += chunk;
            const request = /^http\S+\/connect\/authorize\?\S+(?=\n)/m;
            const [url] = request.exec(printed) ?? [];
            if (!url || request.test(before)) continue;
            const { pathname, search } = new URL(url);
            await fetch(await allow(visitor, { path: pathname + search }));
          }
          await ended;
          const checks = checksIn(output);
          expect(checks.map(({ id: check }) => check)).toEqual(
            expect.arrayContaining(['authorization-server-metadata', 'authorization-code-grant']),
          );
          expect(checks.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
        },
      );
    },
    // With Client ID Metadata Documents, which newer revisions ask for.
    { CLIENT_METADATA_DOCUMENTS: 'open' },
  );
});
