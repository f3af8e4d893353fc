import { readFileSync } from 'node:fs';
import type { Order } from './order.ts';

/** Values by their file: chains go on in the next round where they stand. */
const pools = new Map<string, string[]>();

/** The requests of an order. */
export function createRequests({ port, path, form, vary }: Order) {
  const fixed = new URLSearchParams(form).toString();
  const pool = vary ? poolOf(vary.file) : [];
  const head = (length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`;
  const whole = (body: string) => head(body.length) + body;
  const always = whole(fixed);

  return {
    of(connection: number): string {
      if (!vary) return always;
      const place = vary.chained ? connection : Math.floor(Math.random() * pool.length);
      return whole(`${fixed}&${vary.parameter}=${pool[place]}`);
    },
    /** Takes from an answer what the next request of this connection needs. */
    answered(connection: number, body: string): void {
      if (!vary?.chained) return;
      pool[connection] = member(body, 'refresh_token');
    },
  };
}

/** A string member of a JSON body whose value needs no unescaping. */
export function member(body: string, name: string): string {
  const start = body.indexOf(`"${name}":"`) + name.length + 4;
  return body.slice(start, body.indexOf('"', start));
}

function poolOf(file: string): string[] {
  const pool = pools.get(file) ?? readFileSync(file, 'latin1').trim().split('\n');
  pools.set(file, pool);
  return pool;
}
