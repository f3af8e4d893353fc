// A collector of OpenTelemetry that takes everything. It says how many messages it took when it is asked.
import { createServer } from 'node:http';

let taken = 0;
createServer((request, response) => {
  request.resume().on('end', () => {
    taken++;
    response.end();
  });
}).listen(Number(process.env['PORT']), '127.0.0.1', () => process.send?.('listening'));
process.on('message', () => process.send?.(taken));
