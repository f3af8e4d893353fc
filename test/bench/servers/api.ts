// An API whose work is one small response: alone, behind the guard that verifies JWTs offline and follows revocations, or behind
// the guard that introspects. It says how many requests it sent to Writ when it is asked.
import { createServer, type RequestListener } from 'node:http';
import { createGuard } from '../../../src/sdk/resource-server/index.ts';

const {
  MODE = 'alone',
  ISSUER = '',
  RESOURCE = '',
  CLIENT_ID = '',
  CLIENT_SECRET = '',
} = process.env;

const body = JSON.stringify({ things: [{ name: 'hammer' }], filler: 'x'.repeat(250) });
const answer: RequestListener = (_request, response) => {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};

let asked = 0;
const { fetch } = globalThis;
globalThis.fetch = (...given) => {
  asked++;
  return fetch(...given);
};
process.on('message', () => process.send?.(asked));

const guard =
  MODE === 'alone'
    ? undefined
    : createGuard({
        issuer: ISSUER,
        resource: RESOURCE,
        client: { id: CLIENT_ID, secret: CLIENT_SECRET },
        offline: MODE === 'offline',
      });
await guard?.feed?.ready();
createServer(guard ? guard.protect(answer, { scopeOf: () => 'things:read' }) : answer).listen(
  Number(process.env['PORT']),
  '127.0.0.1',
  () => process.send?.('listening'),
);
