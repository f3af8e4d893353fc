import * as z from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { apiScopes } from '../../../config/scopes.ts';
import { tokenExpirationHeader } from '../../http/token-expiration.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import { idempotencyHeader, maxIdempotencyKeyLength } from '../framework/idempotency.ts';
import type { Operation } from '../framework/operation.ts';
import { apiPrefix } from '../framework/router.ts';
import { createErrorAnswers } from './errors.ts';
import { aboutApi, aboutTags } from './prose.ts';

/** The OpenAPI 3.1 document of the operations. */
export function createApiDocument(operations: Operation[], issuer: string) {
  const errorAnswers = createErrorAnswers();
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = apiPrefix + operation.path;
    paths[path] = {
      ...paths[path],
      [operation.method]: {
        ...describeOperation(operation),
        responses: { ...successAnswer(operation), ...errorAnswers(operation) },
      },
    };
  }
  const audience = urlOf(issuer, apiPrefix);
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Writ API',
        version: '1.0.0',
        description: aboutApi(issuer),
        contact: { name: 'The operator of this server', url: issuer },
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: urlOf(issuer, ''), description: 'The issuer' }],
      tags: Object.entries(aboutTags(issuer)).map(([name, description]) => ({ name, description })),
      security: [{ bearer: [] }, { oauth2: [] }],
      paths,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An access token (RFC 6750 §2.1) of a client, of an administrator or, for their own apps, of any person; a personal access token for this API; or an API key: the operator’s, which `DATA_DIR/operator.json` has, or one of a client, which opens its tokens alone.',
          },
          oauth2: {
            type: 'oauth2',
            description: `An access token of a client that has the resource \`${audience}\`; the request for it names that as \`resource\` (RFC 8707).`,
            flows: {
              clientCredentials: {
                tokenUrl: urlOf(issuer, endpoints.token),
                scopes: { ...apiScopes },
              },
            },
          },
        },
      },
    },
    {
      // Answers may get more fields within v1.
      override: ({ jsonSchema, zodSchema, io }) => {
        if (io === 'output' && zodSchema._zod.def.type === 'object')
          delete jsonSchema.additionalProperties;
      },
    },
  );
}

function describeOperation(operation: Operation): Omit<ZodOpenApiOperationObject, 'responses'> {
  const { parameters, query, body } = operation;
  const { word, security } = openingOf(operation);
  const header = headersOf(operation);
  return {
    tags: [operation.tag],
    operationId: operation.operationId,
    summary: operation.summary,
    description: `${operation.description}\n\n${word}`,
    security,
    ...((parameters || query || header) && {
      requestParams: {
        ...(parameters && { path: parameters }),
        ...(query && { query }),
        ...(header && { header }),
      },
    }),
    ...(body && {
      requestBody: {
        required: isRequired(body),
        content: { 'application/json': { schema: body } },
      },
    }),
  };
}

/** Who may call an operation, in a word and as OpenAPI has it. */
function openingOf({ scope, access }: Operation) {
  if (access === 'anyone') return { word: 'Open to everyone: it takes no token.', security: [] };
  if (access === 'self' || scope === undefined)
    return {
      word: 'Any active token opens it, whatever it is for and permits.',
      security: [{ bearer: [] }],
    };
  return { word: `Scope: \`${scope}\``, security: [{ bearer: [] }, { oauth2: [scope] }] };
}

/** Whether an absent body is refused; where it is not, it is read as `{}`. */
const isRequired = (body: z.ZodType): boolean => !body.safeParse({}).success;

const requestHeaders = {
  'If-Match': 'Only where the thing still has one of these ETags (RFC 9110 §13.1.1), else 412.',
  'If-None-Match':
    'Where the thing has one of these ETags (RFC 9110 §13.1.2): 304 for what is read, 412 for what is written. `*` is any.',
  [idempotencyHeader]: `A name for this request, such as a UUID, of at most ${maxIdempotencyKeyLength} characters. The same request, sent again with the same key and the same token within a day, gets the same answer, and nothing is created twice (draft-ietf-httpapi-idempotency-key-header).`,
} as const;

function headersOf({
  method,
  tagged,
  conditions = [],
  idempotency,
}: Operation): z.ZodObject | undefined {
  const names: (keyof typeof requestHeaders)[] =
    method === 'get' && tagged ? ['If-None-Match'] : [...conditions];
  if (idempotency) names.push(idempotencyHeader);
  if (names.length === 0) return undefined;
  return z.object(
    Object.fromEntries(
      names.map((name) => [
        name,
        z.string().optional().meta({ description: requestHeaders[name] }),
      ]),
    ),
  );
}

const successes = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken; there is nothing to say.',
  204: 'Done; there is nothing to say.',
};

const expiration = z
  .string()
  .optional()
  .meta({
    description:
      'When the token that was sent ends (RFC 9110 §5.6.7), where that is one that somebody made, and ever ends.',
    example: 'Tue, 01 Jan 2030 00:00:00 GMT',
    header: { id: 'TokenExpiration' },
  });

function successAnswer({ method, success, answer, tagged, location, access }: Operation) {
  const always = { ...(access !== 'anyone' && { [tokenExpirationHeader]: expiration }) };
  const headers = {
    ...(tagged && {
      ETag: z.string().meta({ description: 'The tag of this representation (RFC 9110 §8.8.3).' }),
    }),
    ...(location && { Location: z.string().meta({ description: 'Where it can be found.' }) }),
    ...always,
  };
  return {
    [success]: {
      description: successes[success],
      ...(Object.keys(headers).length > 0 && { headers: z.object(headers) }),
      ...(answer && { content: { 'application/json': { schema: answer } } }),
    },
    ...(method === 'get' &&
      tagged && {
        304: {
          description: 'The ETag that you have is still right.',
          headers: z.object(always),
        },
      }),
  };
}
