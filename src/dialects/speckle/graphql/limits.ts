/** LIMITS ON THE DEPTH OF A DOCUMENT AND THE COST OF A REQUEST, checked after parsing and before validation. */
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

/** The introspection queries of common tools are within all of these. */
export const documentLimits = {
  /** Lexical tokens in one document. */
  tokens: 2_000,
  /** Nested fields, without those of introspection, which the library limits. */
  depth: 8,
  /** The total of all documents of a request. A field costs one, or as in `Costs`; a fragment costs each time it is used. */
  cost: 600,
} as const;

/** The cost of an introspection of the schema. */
const schemaCost = 150;

/** The minimum cost of a mutation. */
const changeCost = 20;

/** The assumed length of a list. */
const listLength = 10;

/** The costs of fields, by name. */
export interface Costs {
  /** Fields that cost more than one, without their selections. */
  fields: Readonly<Record<string, number>>;
  /** Fields that return lists, whose selections cost once per entry. */
  lists: ReadonlySet<string>;
}

/** The costs of a schema; `given` are the costs of fields that query the database. */
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

/** The error for a request that exceeds a limit. */
export const tooMuch = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST_ERROR' } });

interface Measure {
  depth: number;
  cost: number;
}

/**
 * The cost of a document: its operations, and unused fragments, because validation visits them too. Throws if an operation
 * is too deep. Above the limit the cost is not exact.
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
    // Validation refuses a fragment that spreads itself; here the recursion must terminate.
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
      // Fragments that spread fragments can grow exponentially.
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
        `The document is ${measure.depth} fields deep; the maximum is ${documentLimits.depth}.`,
      );
  }
  for (const name of fragments.keys()) if (!measured.has(name)) cost += ofFragment(name).cost;
  return cost;
}
