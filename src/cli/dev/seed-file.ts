/**
 * THE FILE OF `writ dev`, in YAML: the resources, roles, clients and people that a server begins with. Every error names the file, the
 * line and the key. What the members of clients and resources mean is up to the API, which refuses wrong ones.
 */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { Failure } from '../failure.ts';

const text = z.string().min(1);

const schema = z.strictObject({
  resources: z
    .array(
      z.looseObject({
        identifier: text,
        scopes: z.array(z.union([text, z.looseObject({ name: text })])).optional(),
      }),
    )
    .default([]),
  roles: z
    .record(
      text,
      z.union([
        z.array(text),
        z.strictObject({
          description: text.optional(),
          permissions: z.array(text).default([]),
          api_scopes: z.array(text).optional(),
        }),
      ]),
    )
    .default({}),
  clients: z.array(z.looseObject({ client_id: text })).default([]),
  people: z
    .array(z.looseObject({ email: text, name: text, roles: z.array(text).optional() }))
    .default([]),
});

/** What a file says. */
export type Seed = z.output<typeof schema>;

/** Where something is in the file: the keys and the positions in lists that lead to it. */
export type Place = readonly (string | number)[];

/** A file that was read. */
export interface SeedFile {
  seed: Seed;
  /** The failure for a place that the server refuses, with its line. */
  refuse(place: Place, problem: string): Failure;
}

/** Reads a file. Throws Failure with every problem. */
export function readSeedFile(file: string, source: string): SeedFile {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true });
  const refuse = (offset: number, problem: string) =>
    `${file}:${lines.linePos(offset).line || 1}: ${problem}`;
  if (document.errors.length > 0)
    throw new Failure(
      document.errors
        .map(({ pos: [offset], message }) => refuse(offset, message.split(' at line ')[0] ?? ''))
        .join('\n'),
    );

  /** Where a key is; the nearest thing around it if it is not there. */
  const offsetOf = (place: Place): number => {
    for (let length = place.length; length > 0; length--) {
      const parent = document.getIn(place.slice(0, length - 1), true);
      const name = place[length - 1];
      if (isMap(parent)) {
        const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
        if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0;
      }
      const node = document.getIn(place.slice(0, length), true) as
        | { range?: [number, number, number] | null }
        | undefined;
      if (node?.range) return node.range[0];
    }
    return 0;
  };

  const { success, data, error } = schema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (success)
    return {
      seed: data,
      refuse: (place, problem) =>
        new Failure(refuse(offsetOf(place), `${nameOf(place)}: ${problem}`)),
    };
  throw new Failure(
    error.issues
      .flatMap((issue): [Place, string][] => {
        const place = issue.path as Place;
        if (issue.code !== 'unrecognized_keys') return [[place, issue.message]];
        return issue.keys.map((key) => [[...place, key], 'there is no such key']);
      })
      .map(([place, problem]) =>
        refuse(offsetOf(place), `${nameOf(place) || 'the file'}: ${problem}`),
      )
      .join('\n'),
  );
}

/** A place as a person writes it: `clients[0].client_id`. */
const nameOf = (place: Place): string =>
  place
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index > 0 ? `.${part}` : part))
    .join('');
