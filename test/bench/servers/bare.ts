// The limit: what Node and one read from Redis cost when nothing else is done. It reads the body of
// a request, asks Redis for some 300 bytes, and answers them.
import { createServer } from 'node:http';
import { Redis } from 'ioredis';

const redis = new Redis(process.env['REDIS_URL'] ?? '');
const state = { active: true, client_id: 'bare', scope: 'things:read', filler: '' };
state.filler = 'x'.repeat(300 - JSON.stringify(state).length);
await redis.set('bare:state', JSON.stringify(state));

const server = createServer((request, response) => {
  const form: Buffer[] = [];
  request.on('data', (part) => form.push(part));
  request.on('end', async () => {
    const answer = (await redis.get('bare:state')) ?? '';
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('listening'));
