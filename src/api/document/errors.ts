import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { type ErrorCode, OAuthError } from '../../oauth/errors.ts';
import type { Operation } from '../framework/operation.ts';
import { error } from '../framework/schemas.ts';

/** What each code means at this API, and what to do about it. */
export const meanings: Partial<Record<ErrorCode, string>> = {
  invalid_request:
    'The input makes no sense; `details` lists everything that is wrong with it, and where.',
  invalid_client_metadata: 'The metadata of the client cannot be as it is given (RFC 7591 §3.2.2).',
  invalid_scope: 'There is no such scope, or the client may not have it (RFC 6749 §5.2).',
  invalid_target: 'There is no such resource, or the client may not have it (RFC 8707 §2).',
  invalid_authorization_details:
    'The resource has no such authorization details; the sentence says what is wrong (RFC 9396 §5).',
  invalid_token:
    'No token, or none that is active and for this API. Get a new one (RFC 6750 §3.1).',
  insufficient_scope:
    'The token lacks the scope, which `WWW-Authenticate` names (RFC 6750 §3.1); or it is an API key of a client, which opens the operations on tokens alone.',
  access_denied: 'Nobody may do this with the rights that they have, or nobody at all.',
  not_found: 'What the path names is not there.',
  conflict: 'It is taken, or something else still needs it.',
  precondition_failed:
    'It has changed since it was read (RFC 9110 §15.5.13): read it again, decide again, send its new ETag.',
  payload_too_large: 'A body may have 56 KiB.',
  unsupported_media_type: 'The body is not `application/json`.',
  unprocessable_content:
    'The `Idempotency-Key` was used for another request already: take a new one for each thing that is made.',
  too_many_requests: 'Too often; try again after `Retry-After` seconds (RFC 6585 §4).',
  server_error:
    'Trouble on the side of the server; the sentence has the id under which its log has it.',
  temporarily_unavailable:
    'Something the server needs is away; try again after `Retry-After` seconds.',
};

export const statusOf = (code: ErrorCode): number => new OAuthError(code, '').status;

/** The errors that an operation can answer: those that its shape brings along, and its own. */
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

/** Describes the errors of operations; those that several have are described once. */
export function createErrorAnswers() {
  const shared = new Map<string, ZodOpenApiResponseObject>();

  const answerOf = (codes: ErrorCode[]): ZodOpenApiResponseObject => {
    const id = codes.map(inCamelCase).join('Or');
    const answer = shared.get(id) ?? {
      id,
      description: codes
        .map((code) => `\`${new OAuthError(code, '').toJSON().error}\`: ${meanings[code]}`)
        .join('\n\n'),
      content: { 'application/json': { schema: error } },
    };
    shared.set(id, answer);
    return answer;
  };

  return (operation: Operation): Record<string, ZodOpenApiResponseObject> =>
    Object.fromEntries(
      [...Map.groupBy(codesOf(operation), statusOf)]
        .sort(([one], [other]) => one - other)
        .map(([status, codes]) => [String(status), answerOf(codes)]),
    );
}

const inCamelCase = (code: string): string =>
  code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
