import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { onStack } from '../../support/stacks.ts';

onStack((stack) => {
  /** Sends a raw request line, which no HTTP client would. */
  const send = (line: string): Promise<string> => {
    const { hostname, port } = new URL(stack().origin);
    const socket = connect(Number(port), hostname);
    socket.end(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return text(socket);
  };

  test.each([
    'GET http://[/ HTTP/1.1',
    'GET http://[::1/x HTTP/1.1',
    'POST http://[/connect/token HTTP/1.1',
    'GET http://a:b:c/ HTTP/1.1',
  ])('the request line %j is refused, and the server continues', async (line) => {
    const answer = await send(line);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"error":"invalid_request"');
    expect((await stack().get('/healthz')).status).toBe(200);
  });

  test('a target in absolute form is handled like its path', async () => {
    expect(await send('GET http://elsewhere.example/healthz HTTP/1.1')).toMatch(/^HTTP\/1\.1 200 /);
  });
});
