import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { basic, type Credentials } from '../support/http.ts';

/** A token request whose body is not sent yet. */
export interface SlowRequest {
  /** Sends the body. */
  finish(): void;
  /** All that the server sends on this connection; rejects where it was cut. */
  answer: Promise<string>;
}

/** Begins a token request, and resolves once the server has it and waits for the body. */
export async function beginRequest(origin: string, client: Credentials): Promise<SlowRequest> {
  const body = 'grant_type=client_credentials';
  const socket = connect(Number(new URL(origin).port), 'localhost');
  const answer = text(socket);
  answer.catch(() => {});
  socket.write(
    `${[
      'POST /connect/token HTTP/1.1',
      'Host: localhost',
      `Authorization: ${basic(client)}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      'Expect: 100-continue',
    ].join('\r\n')}\r\n\r\n`,
  );
  // The server has the request once it asks for the rest of it.
  await new Promise((resolve) => socket.once('data', resolve));
  return { finish: () => void socket.write(body), answer };
}
