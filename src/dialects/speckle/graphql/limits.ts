/** HOW DEEP AND COSTLY A DOCUMENT MAY BE: decided before anything of it runs. */
import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Of one document. Introspection of the schema, as tools do it, is within all of them. */
export const documentLimits = {
  /** Tokens of the language. */
  tokens: 2_000,
  /** Fields in one another, those of introspection apart, which is limited by the library. */
  depth: 8,
  /** A field costs one, or what its part of the schema says; a fragment costs each time that it is used. */
  cost: 600,
} as const;

/** Of the schema, which each introspection writes out. */
const schemaCost = 150;

interface Measure {
  depth: number;
  cost: number;
}

/** Validates an operation by its depth and its cost. `costs` are those of fields that cost more than one. */
export const limitDocuments =
  (costs: Readonly<Record<string, number>>) =>
  (context: ValidationContext): ASTVisitor => {
    const measured = new Map<string, Measure>();

    const ofFragment = (fragment: FragmentDefinitionNode | null | undefined): Measure => {
      if (!fragment) return { depth: 0, cost: 0 };
      const name = fragment.name.value;
      const known = measured.get(name);
      if (known) return known;
      // One that spreads itself is refused by another rule; here it must come to an end.
      measured.set(name, { depth: 0, cost: 0 });
      const measure = ofSelections(fragment.selectionSet);
      measured.set(name, measure);
      return measure;
    };

    const ofSelections = ({ selections }: SelectionSetNode): Measure => {
      let depth = 0;
      let cost = 0;
      for (const selection of selections) {
        const within =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(context.getFragment(selection.name.value))
            : selection.selectionSet
              ? ofSelections(selection.selectionSet)
              : { depth: 0, cost: 0 };
        if (selection.kind !== Kind.FIELD) {
          depth = Math.max(depth, within.depth);
          cost += within.cost;
          continue;
        }
        const name = selection.name.value;
        const isOfSchema = name === '__schema' || name === '__type';
        depth = Math.max(depth, isOfSchema ? 1 : 1 + within.depth);
        cost += within.cost + (isOfSchema ? schemaCost : (costs[name] ?? 1));
        // Fragments that spread fragments double with each level.
        if (cost > documentLimits.cost) return { depth, cost };
      }
      return { depth, cost };
    };

    return {
      OperationDefinition(operation) {
        const { depth, cost } = ofSelections(operation.selectionSet);
        const refuse = (message: string) =>
          context.reportError(new GraphQLError(message, { nodes: operation }));
        if (depth > documentLimits.depth)
          refuse(`The document is ${depth} fields deep, and ${documentLimits.depth} is the most.`);
        if (cost > documentLimits.cost)
          refuse(`The document asks for more than one request may: ask for less at once.`);
      },
    };
  };
