import { type DocumentNode, OperationTypeNode, parse } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import type { Context } from 'koa';
import { readText } from '../../../http/form.ts';
import { markReadOnly } from '../../../http/read-only.ts';
import type { Caller } from '../caller.ts';
import type { SpeckleContext } from './context.ts';
import { faultIn, inGraphql } from './errors.ts';
import { type Costs, costOf, costsOf, documentLimits, tooMuch } from './limits.ts';
import { createParts, type PartDependencies } from './parts.ts';

/**
 * Answers a request with documents. Throws what went wrong on our side, so that it is logged, and answered with a status
 * that tells clients to try again.
 */
export type GraphqlServer = (ctx: Context, caller: Caller | undefined) => Promise<void>;

/** The parts extend these. */
const roots = /* GraphQL */ `
  type Query {
    _: String
  }
  type Mutation {
    _: String
  }
`;

/** Documents that one request may hold. */
const batchLimit = 10;

/** Refuses documents beyond the limits, those of a request together. */
const limit = (costs: Costs): Plugin<SpeckleContext> => ({
  onParse({ context: { facts }, setParseFn }) {
    setParseFn((source, options) => {
      const document: DocumentNode = parse(source, {
        ...options,
        maxTokens: documentLimits.tokens,
      });
      facts.cost += costOf(document, costs);
      if (facts.cost > documentLimits.cost)
        throw tooMuch('The request asks for more than one may: ask for less at once.');
      return document;
    });
  },
});

/** What an execution leaves in its context, for the answer to its request. */
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
    // It would keep what strangers send, and a document that it knows would cost its request nothing.
    parserAndValidationCache: false,
    maskedErrors: { maskError: (error) => inGraphql(error) as Error },
    batching: { limit: batchLimit },
    graphiql: false,
    landingPage: false,
    multipart: false,
    // Writ has its own.
    cors: false,
    logging: false,
  });

  return async (ctx, caller) => {
    const facts: SpeckleContext['facts'] = { cost: 0, executed: false, changes: false, faults: [] };
    const answer = await yoga.fetch(
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
    // As Speckle's own server has it, whatever media type is accepted: what could not be run is a bad request.
    ctx.status = answer.ok && !facts.executed ? 400 : answer.status;
    ctx.set('Cache-Control', 'no-store');
    ctx.type = answer.headers.get('content-type') ?? 'application/json';
    ctx.body = await answer.text();
  };
}
