/**
 * The options of `create` and `update`, and the fields of the API that they set. In an update the option of a field
 * replaces its values; `--add`, `--remove` and `--clear`, which name that option, change or empty them.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { Json } from './api-client.ts';
import { Failure, WrongUsage } from './failure.ts';

export interface Field {
  /** The option, without its dashes. */
  option: string;
  /** The field of the API. */
  name: string;
  /** One value, a list, or a list that the API has as one text, separated by spaces. */
  holds: 'one' | 'list' | 'words';
  /** Parses an item of a list from the command line. */
  item?: (text: string) => unknown;
  /** It cannot be an empty list: null restores the default. */
  removable?: true;
}

/** An item to add or to remove. */
interface Edit {
  field: Field;
  text: string;
}

/** The options of an update that change lists. */
export interface Edits {
  add?: Edit[];
  remove?: Edit[];
  clear?: Field[];
}

/** Adds `--add`, `--remove` and `--clear` for these fields. */
export function addEditOptions(command: Command, fields: Field[]): Command {
  const several = fields.filter(({ holds }) => holds !== 'one');
  const edit = (given: string, earlier: Edit[] = []): Edit[] => {
    const [, option, text] = /^([^=]+)=(.+)$/s.exec(given) ?? [];
    const field = several.find((each) => each.option === option);
    if (!field || text === undefined)
      throw new InvalidArgumentError(`Expected WHAT=VALUE, with one of ${optionsOf(several)}.`);
    return [...earlier, { field, text }];
  };
  const clear = (given: string, earlier: Field[] = []): Field[] => {
    const field = fields.find(({ option }) => option === given);
    if (!field) throw new InvalidArgumentError(`Expected one of ${optionsOf(fields)}.`);
    return [...earlier, field];
  };
  return command
    .option('--add <what=value>', `add a value: ${optionsOf(several)}`, edit)
    .option('--remove <what=value>', 'remove a value', edit)
    .option('--clear <what>', 'empty a field, or restore its default', clear);
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

/** The fields that an update changes. Throws Failure if a value to remove is not there. */
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
      throw new Failure(`It has no ${field.option} "${text}", so nothing was changed.`);
    changes[field.name] = written(field, kept);
  }
  return changes;
}

/** Throws WrongUsage for an update without options. */
export function requireSomething(options: object): void {
  if (Object.keys(options).length === 0)
    throw new WrongUsage('Nothing to change: --help lists the options.');
}

const itemOf =
  ({ item }: Field) =>
  (text: string): unknown =>
    item ? item(text) : text;

const nameOf = (item: unknown) => {
  const { name, type, claim, value } = (item ?? {}) as Json;
  return name ?? type ?? (claim === undefined ? item : `${claim}=${value}`);
};
const unlike = (item: unknown) => (other: unknown) => nameOf(other) !== nameOf(item);

const read = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : typeof value === 'string' ? value.split(' ').filter(Boolean) : [];

const written = ({ holds }: Field, items: unknown[]): unknown =>
  holds === 'list' ? items : items.length > 0 ? items.join(' ') : null;

const camelCase = (option: string) =>
  option.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
