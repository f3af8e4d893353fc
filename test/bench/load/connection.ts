import { once } from 'node:events';
import { connect } from 'node:net';

export interface Reply {
  status: number;
  body: string;
}

/**
 * A connection that is kept alive and asks one thing at a time. It understands just enough of
 * HTTP/1.1 for answers with a Content-Length: a client that costs as much as the server would
 * measure itself, since both share the cores.
 */
export async function openConnection(port: number) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.setEncoding('latin1').setTimeout(10_000);
  await once(socket, 'connect');

  let received = '';
  let waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
    socket.destroy();
  };
  socket
    .on('data', (text: string) => {
      received += text;
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd + 2))?.[1];
      if (length === undefined) return fail(new Error('an answer without a Content-Length'));
      const bodyEnd = headEnd + 4 + Number(length);
      if (received.length < bodyEnd) return;
      const reply = {
        status: Number(received.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)),
        body: received.slice(headEnd + 4, bodyEnd),
      };
      received = '';
      waiting?.resolve(reply);
    })
    .on('timeout', () => fail(new Error('no answer within 10 seconds')))
    .on('error', fail)
    .on('close', () => fail(new Error('the server closed the connection')));

  return {
    exchange: (request: string): Promise<Reply> =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) fail(new Error('the connection is closed'));
        else socket.write(request, 'latin1');
      }),
    close: () => void socket.destroy(),
  };
}
