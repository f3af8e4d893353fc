import { readFileSync } from 'node:fs';
import type { Order } from './order.ts';

/** The values of chains by their file: they go on in the next round where they stand. */
const chains = new Map<string, string[]>();
/** How many values of a file were taken in their turn, by the file. */
const taken = new Map<string, number>();
/** Files to choose lines of, all of one length: millions of strings would keep this process busy. */
const files = new Map<string, Buffer>();

/** The requests of an order. */
export function createRequests({ port, path, form, vary }: Order) {
  const fixed = new URLSearchParams(form).toString();
  const chained = vary?.order === 'chained' ? chainsOf(vary.file) : [];
  const lines = vary && vary.order !== 'chained' ? linesOf(vary.file) : Buffer.alloc(0);
  const width = lines.indexOf('\n') + 1;
  const count = Math.floor((lines.length + 1) / width);
  const lineAt = (index: number) =>
    lines.toString('latin1', index * width, (index + 1) * width - 1);
  const nextValue = (connection: number): string | undefined => {
    if (vary?.order === 'chained') return chained[connection];
    if (!vary || vary.order === 'random') return lineAt(Math.floor(Math.random() * count));
    const index = taken.get(vary.file) ?? 0;
    if (vary.order === 'once' && index >= count) return undefined;
    taken.set(vary.file, index + 1);
    return lineAt(index % count);
  };
  const head = (length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}\r\n\r\n`;
  const whole = (body: string) => head(body.length) + body;
  const always = whole(fixed);

  return {
    /** Undefined once all values are used up. */
    of(connection: number): string | undefined {
      if (!vary) return always;
      const value = nextValue(connection);
      return value === undefined ? undefined : whole(`${fixed}&${vary.parameter}=${value}`);
    },
    /** Takes from an answer what the next request of this connection needs. */
    answered(connection: number, body: string): void {
      if (vary?.order !== 'chained') return;
      chained[connection] = member(body, 'refresh_token');
    },
  };
}

/** A string member of a JSON body whose value needs no unescaping. */
export function member(body: string, name: string): string {
  const start = body.indexOf(`"${name}":"`) + name.length + 4;
  return body.slice(start, body.indexOf('"', start));
}

function chainsOf(file: string): string[] {
  const values = chains.get(file) ?? readFileSync(file, 'latin1').trim().split('\n');
  chains.set(file, values);
  return values;
}

function linesOf(file: string): Buffer {
  const lines = files.get(file) ?? readFileSync(file);
  files.set(file, lines);
  return lines;
}
