import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';
import type { Operation } from '../framework/operation.ts';
import { error } from '../framework/schemas.ts';

/** The meaning of each error code in this API, and what to do about it. */
export const meanings: Partial<Record<ErrorCode, string>> = {
  invalid_request: 'The request is malformed; `details` lists every problem with its parameter.',
  invalid_client_metadata: 'The metadata of the client is invalid (RFC 7591 §3.2.2).',
  invalid_scope: 'The scope does not exist, or the client cannot have it (RFC 6749 §5.2).',
  invalid_target: 'The resource does not exist, or the client cannot have it (RFC 8707 §2).',
  invalid_authorization_details:
    'The resource does not define these authorization details; `error_description` names the problem (RFC 9396 §5).',
  invalid_client: 'The credentials of the client are wrong (RFC 6749 §5.2).',
  invalid_token:
    'The token is missing, not active, or not for this API (RFC 6750 §3.1). Get a new token. With the DPoP scheme also `invalid_dpop_proof` and `use_dpop_nonce` (RFC 9449 §7.1, §9).',
  insufficient_scope:
    'The token lacks the scope that `WWW-Authenticate` names (RFC 6750 §3.1), or it is an API key of a client, which can call only the operations on tokens.',
  access_denied: 'You do not have the rights for this, or it is not allowed for any caller.',
  not_found: 'The thing that the path names does not exist.',
  conflict: 'The name is taken, or something else still depends on the thing.',
  precondition_failed:
    'The thing has changed since you read it (RFC 9110 §15.5.13). Read it again, and repeat the request with its new ETag.',
  payload_too_large: 'The body is larger than 56 KiB.',
  unsupported_media_type: 'The body is not `application/json`.',
  unprocessable_content:
    'The `Idempotency-Key` was already used for a different request. Use a new key for each thing that you create.',
  gone: 'The changes after the given number are no longer kept.',
  too_many_requests: 'Too many requests; try again after `Retry-After` seconds (RFC 6585 §4).',
  server_error: 'An error of the server; `error_description` contains the request ID for its log.',
  temporarily_unavailable:
    'A dependency of the server is unavailable; try again after `Retry-After` seconds.',
};

export const statusOf = (code: ErrorCode): number => new OAuthError(code, '').status;

/** The errors of an operation: those that follow from its declaration, and its own. */
function codesOf({
  method,
  access,
  parameters,
  query,
  body,
  conditions,
  idempotency,
  errors = [],
}: Operation): ErrorCode[] {
  return [
    ...(query || method !== 'get' ? (['invalid_request'] as const) : []),
    ...(access === 'anyone' ? [] : (['invalid_token'] as const)),
    ...(access === undefined ? (['insufficient_scope'] as const) : []),
    ...(parameters ? (['not_found'] as const) : []),
    ...(conditions ? (['precondition_failed'] as const) : []),
    ...(body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    ...(idempotency ? (['unprocessable_content'] as const) : []),
    ...errors,
    'server_error',
    'temporarily_unavailable',
  ];
}

/** Describes the error responses of operations; identical ones become one shared component. */
export function createErrorResponses() {
  const shared = new Map<string, ZodOpenApiResponseObject>();

  const responseOf = (codes: ErrorCode[]): ZodOpenApiResponseObject => {
    const id = codes.map(inCamelCase).join('Or');
    const response = shared.get(id) ?? {
      id,
      description: codes
        .map((code) => `\`${new OAuthError(code, '').toJSON().error}\`: ${meanings[code]}`)
        .join('\n\n'),
      content: { 'application/json': { schema: error } },
    };
    shared.set(id, response);
    return response;
  };

  return (operation: Operation): Record<string, ZodOpenApiResponseObject> =>
    Object.fromEntries(
      [...Map.groupBy(codesOf(operation), statusOf)]
        .sort(([one], [other]) => one - other)
        .map(([status, codes]) => [String(status), responseOf(codes)]),
    );
}

const inCamelCase = (code: string): string =>
  code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
