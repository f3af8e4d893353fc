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
import { createErrorResponses } from './errors.ts';
import { aboutApi, aboutTags } from './prose.ts';

/** The OpenAPI 3.1 document of the operations. `appPages`: whether people manage apps on pages. */
export function createApiDocument(operations: Operation[], issuer: string, appPages = true) {
  const errorResponses = createErrorResponses();
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = apiPrefix + operation.path;
    paths[path] = {
      ...paths[path],
      [operation.method]: {
        ...describeOperation(operation),
        responses: { ...successResponse(operation), ...errorResponses(operation) },
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
      tags: Object.entries(aboutTags(issuer, appPages)).map(([name, description]) => ({
        name,
        description,
      })),
      security: [{ bearer: [] }, { oauth2: [] }],
      paths,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'An access token (RFC 6750 §2.1) of a client, of an administrator or, for their own apps, of any person; a personal access token for this API; or an API key: that of the operator in `DATA_DIR/operator.json`, or one of a client, which gives access to its tokens only.',
          },
          clientCredentials: {
            type: 'http',
            scheme: 'basic',
            description:
              'The `client_id` and the secret of a confidential client, each form-encoded (RFC 6749 §2.3.1).',
          },
          oauth2: {
            type: 'oauth2',
            description: `An access token of a client that has the resource \`${audience}\`. Send this resource as \`resource\` in the token request (RFC 8707).`,
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
      // Responses can get more fields within v1.
      override: ({ jsonSchema, zodSchema, io }) => {
        if (io === 'output' && zodSchema._zod.def.type === 'object')
          delete jsonSchema.additionalProperties;
      },
    },
  );
}

function describeOperation(operation: Operation): Omit<ZodOpenApiOperationObject, 'responses'> {
  const { parameters, query, body } = operation;
  const { sentence, security } = authorizationOf(operation);
  const header = headersOf(operation);
  return {
    tags: [operation.tag],
    operationId: operation.operationId,
    summary: operation.summary,
    description: `${operation.description}\n\n${sentence}`,
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

/** Who can call an operation, as a sentence and as an OpenAPI security requirement. */
function authorizationOf({ scope, access, clientCredentials }: Operation) {
  if (access === 'anyone') return { sentence: 'Authentication: none.', security: [] };
  if (access === 'self' || scope === undefined)
    return {
      sentence: 'Authentication: any active token, whatever its audience and scopes.',
      security: [{ bearer: [] }],
    };
  const security = [{ bearer: [] }, { oauth2: [scope] }];
  if (clientCredentials)
    return {
      sentence: `Scope: \`${scope}\`, or the credentials of the client (Basic).`,
      security: [...security, { clientCredentials: [] }],
    };
  return { sentence: `Scope: \`${scope}\``, security };
}

/** Whether a body is required; if not, a missing body is read as `{}`. */
const isRequired = (body: z.ZodType): boolean => !body.safeParse({}).success;

const requestHeaders = {
  'If-Match':
    'Process the request only if the thing still has one of these ETags (RFC 9110 §13.1.1); otherwise the response is 412.',
  'If-None-Match':
    'If the thing has one of these ETags (RFC 9110 §13.1.2), the response is 304 to a GET and 412 to a change. `*` matches any.',
  [idempotencyHeader]: `A unique key for this request, such as a UUID, with at most ${maxIdempotencyKeyLength} characters. The same request with the same key and token within a day gets the same response, and nothing is created twice (draft-ietf-httpapi-idempotency-key-header).`,
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
  200: 'The request succeeded.',
  201: 'Created.',
  202: 'Accepted; the response has no body.',
  204: 'The request succeeded; the response has no body.',
};

const expiration = z
  .string()
  .optional()
  .meta({
    description:
      'When the token in the request expires, as an HTTP-date (RFC 9110 §5.6.7). Present for API keys, API tokens and personal access tokens that expire.',
    example: 'Tue, 01 Jan 2030 00:00:00 GMT',
    header: { id: 'TokenExpiration' },
  });

function successResponse({
  method,
  success,
  response,
  tagged,
  location,
  access,
  stream,
}: Operation) {
  const always = { ...(access !== 'anyone' && { [tokenExpirationHeader]: expiration }) };
  const headers = {
    ...(tagged && {
      ETag: z
        .string()
        .meta({ description: 'The entity tag of this representation (RFC 9110 §8.8.3).' }),
    }),
    ...(location && {
      Location: z.string().meta({ description: 'The path of the created thing.' }),
    }),
    ...always,
  };
  return {
    [success]: {
      description: successes[success],
      ...(Object.keys(headers).length > 0 && { headers: z.object(headers) }),
      ...(response && {
        content: {
          'application/json': { schema: response },
          ...(stream && { 'text/event-stream': { schema: z.string() } }),
        },
      }),
    },
    ...(method === 'get' &&
      tagged && {
        304: {
          description: 'The representation has not changed.',
          headers: z.object(always),
        },
      }),
  };
}
