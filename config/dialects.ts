/** The products whose clients Writ supports, by their names in DIALECTS. */
export const dialectNames = ['squidex', 'sqlitecloud', 'bloq', 'datasette', 'speckle'] as const;

export type DialectName = (typeof dialectNames)[number];

/** The resource of each dialect. */
export const dialectResources: Readonly<Record<DialectName, string>> = {
  squidex: 'scp:squidex-api',
  sqlitecloud: 'https://sqlitecloud.io',
  bloq: 'https://api.bloq.cloud',
  datasette: 'https://datasette.io',
  speckle: 'https://speckle.systems',
};

/** The resources of the dialects that an operator did not choose: pages do not offer them. */
export const unchosenResources = (chosen: readonly DialectName[]): string[] =>
  dialectNames.filter((name) => !chosen.includes(name)).map((name) => dialectResources[name]);

const isDialectName = (name: string): name is DialectName =>
  (dialectNames as readonly string[]).includes(name);

/**
 * Parses DIALECTS: `all`, `none`, or names separated by commas. Returns the names in the order of the table, or what is
 * wrong.
 */
export function readDialects(
  text: string,
): { names: readonly DialectName[] } | { problem: string } {
  if (text === 'all') return { names: dialectNames };
  const given = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  const unknown = given.find((name) => !isDialectName(name));
  if (unknown !== undefined)
    return {
      problem: `must be all, none, or names separated by commas; ${JSON.stringify(unknown)} is not one of ${dialectNames.join(', ')}`,
    };
  return { names: dialectNames.filter((name) => given.includes(name)) };
}
