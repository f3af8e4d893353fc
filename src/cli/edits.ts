/**
 * What the options of `create` and `update` are called in the API. An update replaces a field by its
 * own option, and changes or empties it by `--add`, `--remove` and `--clear`, which name that option.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { Json } from './api-client.ts';
import { Failure, WrongUsage } from './failure.ts';

export interface Field {
  /** The option, without its dashes. */
  option: string;
  /** The field of the API. */
  name: string;
  /** One value, a list of them, or a list that the API has as one text, parted by spaces. */
  holds: 'one' | 'list' | 'words';
  /** Makes an item of a list of what is written on the command line. */
  item?: (text: string) => unknown;
  /** It has no empty list: without it the default holds. */
  removable?: true;
}

/** An item to add or to remove. */
interface Edit {
  field: Field;
  text: string;
}

/** What an update is given beside the options of the fields. */
export interface Edits {
  add?: Edit[];
  remove?: Edit[];
  clear?: Field[];
}

/** Gives a command `--add`, `--remove` and `--clear` for these fields. */
export function addEditOptions(command: Command, fields: Field[]): Command {
  const several = fields.filter(({ holds }) => holds !== 'one');
  const edit = (given: string, earlier: Edit[] = []): Edit[] => {
    const [, option, text] = /^([^=]+)=(.+)$/s.exec(given) ?? [];
    const field = several.find((each) => each.option === option);
    if (!field || text === undefined)
      throw new InvalidArgumentError(`It is WHAT=VALUE, of ${optionsOf(several)}.`);
    return [...earlier, { field, text }];
  };
  const clear = (given: string, earlier: Field[] = []): Field[] => {
    const field = fields.find(({ option }) => option === given);
    if (!field) throw new InvalidArgumentError(`It is one of ${optionsOf(fields)}.`);
    return [...earlier, field];
  };
  return command
    .option('--add <what=value>', `one more: ${optionsOf(several)}`, edit)
    .option('--remove <what=value>', 'one less', edit)
    .option('--clear <what>', 'none of it, or the default', clear);
}

const optionsOf = (fields: Field[]) => fields.map(({ option }) => option).join(', ');

/** The fields that options set. */
export function fieldsOf(fields: Field[], options: object): Json {
  const given = options as Record<string, unknown>;
  const entries = fields
    .map((field) => [field, given[camelCase(field.option)]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => [
      field.name,
      field.holds === 'one' ? value : written(field, (value as string[]).map(itemOf(field))),
    ]);
  return Object.fromEntries(entries);
}

/** The fields that an update changes of what is there. Throws Failure for what cannot be removed. */
export function changesOf(fields: Field[], options: Edits, current: Json): Json {
  const { add = [], remove = [], clear = [] } = options;
  const changes = fieldsOf(fields, options);
  const items = ({ name }: Field) => read(name in changes ? changes[name] : current[name]);
  for (const field of clear)
    changes[field.name] = field.holds === 'list' && !field.removable ? [] : null;
  for (const { field, text } of add) {
    const item = itemOf(field)(text);
    changes[field.name] = written(field, [...items(field).filter(unlike(item)), item]);
  }
  for (const { field, text } of remove) {
    const kept = items(field).filter(unlike(itemOf(field)(text)));
    if (kept.length === items(field).length)
      throw new Failure(`It has no ${field.option} "${text}", so nothing was done.`);
    changes[field.name] = written(field, kept);
  }
  return changes;
}

/** Refuses an update that was told to change nothing. */
export function requireSomething(options: object): void {
  if (Object.keys(options).length === 0)
    throw new WrongUsage('Say what to change: --help shows what is possible.');
}

const itemOf =
  ({ item }: Field) =>
  (text: string): unknown =>
    item ? item(text) : text;

const nameOf = (item: unknown) => {
  const { name, type } = (item ?? {}) as Json;
  return name ?? type ?? item;
};
const unlike = (item: unknown) => (other: unknown) => nameOf(other) !== nameOf(item);

const read = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? value.split(' ').filter(Boolean) : [];

const written = ({ holds }: Field, items: unknown[]): unknown =>
  holds === 'list' ? items : items.length > 0 ? items.join(' ') : null;

const camelCase = (option: string) =>
  option.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
