/** HOW DEEP A DOCUMENT AND HOW COSTLY A REQUEST MAY BE: decided as soon as a document is parsed, before it is validated. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Introspection of the schema, as tools do it, is within all of them. */
export const documentLimits = {
  /** Tokens of the language in one document. */
  tokens: 2_000,
  /** Fields in one another, those of introspection apart, which is limited by the library. */
  depth: 8,
  /** Of all documents of a request together. A field costs one, or what `Costs` says; a fragment, each time that it is used. */
  cost: 600,
} as const;

/** Of the schema, which each introspection writes out. */
const schemaCost = 150;

/** What a field that changes something costs at least. */
const changeCost = 20;

/** How many entries a list is taken to have. */
const listLength = 10;

/** What fields cost, by their names. */
export interface Costs {
  /** Those that cost more than one, without what is in them. */
  fields: Readonly<Record<string, number>>;
  /** Those whose selections are answered for each entry of a list. */
  lists: ReadonlySet<string>;
}

/** The costs of a schema: `given` are those of fields that ask the database. */
export function costsOf(schema: GraphQLSchema, given: Readonly<Record<string, number>>): Costs {
  const fields = { ...given };
  const lists = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    const changes = type === schema.getMutationType() || type.name.endsWith('Mutations');
    for (const field of Object.values(type.getFields())) {
      if (isList(field.type)) lists.add(field.name);
      if (changes) fields[field.name] = Math.max(changeCost, given[field.name] ?? 0);
    }
  }
  return { fields, lists };
}

const isList = (type: GraphQLOutputType): boolean =>
  isListType(isNonNullType(type) ? type.ofType : type);

/** A request beyond a limit. */
export const tooMuch = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST_ERROR' } });

interface Measure {
  depth: number;
  cost: number;
}

/**
 * What a document costs: the sum of its operations, and of fragments that none of them uses, since validation reads all of
 * them. Throws where an operation is too deep. Beyond the limit it is no longer exact.
 */
export function costOf({ definitions }: DocumentNode, { fields, lists }: Costs): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  const measured = new Map<string, Measure>();

  const ofFragment = (name: string): Measure => {
    const known = measured.get(name);
    if (known) return known;
    // One that spreads itself is refused by validation; here it must come to an end.
    measured.set(name, { depth: 0, cost: 0 });
    const measure = ofSelections(fragments.get(name)?.selectionSet);
    measured.set(name, measure);
    return measure;
  };

  const ofSelections = (set: SelectionSetNode | undefined): Measure => {
    let depth = 0;
    let cost = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind !== Kind.FIELD) {
        const within =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : ofSelections(selection.selectionSet);
        depth = Math.max(depth, within.depth);
        cost += within.cost;
      } else {
        const name = selection.name.value;
        const within = ofSelections(selection.selectionSet);
        const isOfSchema = name === '__schema' || name === '__type';
        depth = Math.max(depth, isOfSchema ? 1 : 1 + within.depth);
        cost += isOfSchema ? schemaCost : (fields[name] ?? 1);
        cost += within.cost * (lists.has(name) ? listLength : 1);
      }
      // Fragments that spread fragments double with each level.
      if (cost > documentLimits.cost) break;
    }
    return { depth, cost };
  };

  let cost = 0;
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const measure = ofSelections(definition.selectionSet);
    cost += measure.cost;
    if (measure.depth > documentLimits.depth)
      throw tooMuch(
        `The document is ${measure.depth} fields deep, and ${documentLimits.depth} is the most.`,
      );
  }
  for (const name of fragments.keys()) if (!measured.has(name)) cost += ofFragment(name).cost;
  return cost;
}
