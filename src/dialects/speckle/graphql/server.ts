import { type DocumentNode, OperationTypeNode, parse } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import type { Context } from 'koa';
import { readText } from '../../../http/form.ts';
import { markReadOnly } from '../../../http/read-only.ts';
import type { Caller } from '../caller.ts';
import type { SpeckleContext } from './context.ts';
import { faultIn, toGraphqlError } from './errors.ts';
import { type Costs, costOf, costsOf, documentLimits, tooMuch } from './limits.ts';
import { createParts, type PartDependencies } from './parts.ts';

/**
 * Executes the documents of a request. Throws internal errors, so that they are logged and the status tells clients to
 * retry.
 */
export type GraphqlServer = (ctx: Context, caller: Caller | undefined) => Promise<void>;

/** The root types that the parts extend. */
const roots = /* GraphQL */ `
  type Query {
    _: String
  }
  type Mutation {
    _: String
  }
`;

/** The maximum number of documents in a request. */
const batchLimit = 10;

/** Enforces the limits across all documents of a request. */
const limit = (costs: Costs): Plugin<SpeckleContext> => ({
  onParse({ context: { facts }, setParseFn }) {
    setParseFn((source, options) => {
      const document: DocumentNode = parse(source, {
        ...options,
        maxTokens: documentLimits.tokens,
      });
      facts.cost += costOf(document, costs);
      if (facts.cost > documentLimits.cost)
        throw tooMuch('The request is too complex. Request fewer fields at once.');
      return document;
    });
  },
});

/** Records facts about each execution in the context, for the response. */
const keepFacts: Plugin<SpeckleContext> = {
  onExecute({ args }) {
    const { contextValue, operationName, document } = args as {
      contextValue: SpeckleContext;
      operationName?: string | null;
      document: DocumentNode;
    };
    const notes: SpeckleContext['notes'] = [];
    contextValue.notes = notes;
    const { facts } = contextValue;
    facts.executed = true;
    facts.changes ||= document.definitions.some(
      (definition) =>
        definition.kind === 'OperationDefinition' &&
        definition.operation === OperationTypeNode.MUTATION &&
        (!operationName || definition.name?.value === operationName),
    );
    return {
      onExecuteDone({ result, setResult }) {
        if (!('errors' in result) && !('data' in result)) return;
        facts.faults.push(...(result.errors ?? []).map(faultIn).filter(Boolean));
        if (notes.length > 0) setResult({ ...result, extensions: { writ: notes } });
      },
    };
  },
};

export function createGraphqlServer(dependencies: PartDependencies): GraphqlServer {
  const parts = createParts(dependencies);
  const schema = createSchema<SpeckleContext>({
    typeDefs: [roots, ...parts.map(({ typeDefs }) => typeDefs)],
    resolvers: parts.map(({ resolvers }) => resolvers),
  });
  const costs = costsOf(schema, Object.assign({}, ...parts.map(({ costs: ofPart }) => ofPart)));
  const yoga = createYoga<SpeckleContext>({
    schema,
    plugins: [limit(costs), keepFacts],
    // A cache would store documents of anonymous callers, and cached documents would bypass the cost limit.
    parserAndValidationCache: false,
    maskedErrors: { maskError: (error) => toGraphqlError(error) as Error },
    batching: { limit: batchLimit },
    graphiql: false,
    landingPage: false,
    multipart: false,
    // Writ handles CORS itself.
    cors: false,
    logging: false,
  });

  return async (ctx, caller) => {
    const facts: SpeckleContext['facts'] = { cost: 0, executed: false, changes: false, faults: [] };
    const response = await yoga.fetch(
      'http://localhost/graphql',
      {
        method: 'POST',
        headers: { 'content-type': ctx.get('content-type'), accept: ctx.get('accept') },
        body: await readText(ctx),
      },
      { ctx, caller, notes: [], facts },
    );
    const [fault] = facts.faults;
    if (fault) throw fault;
    if (!facts.changes) markReadOnly(ctx);
    // As Speckle's server does, whatever media type is accepted: 400 if nothing was executed.
    ctx.status = response.ok && !facts.executed ? 400 : response.status;
    ctx.set('Cache-Control', 'no-store');
    ctx.type = response.headers.get('content-type') ?? 'application/json';
    ctx.body = await response.text();
  };
}
