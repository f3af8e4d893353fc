/**
 * `/signals`: streams of Shared Signals (SSF 1.0 §8) for resource servers, and their polls (RFC 8936). `/signal-streams`: all streams,
 * for operators.
 */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { signalBounds } from '../../../config/signals.ts';
import { supportedEvents } from '../../domain/signals/events.ts';
import type { SignalPolls } from '../../domain/signals/polls.ts';
import type { SignalStreams } from '../../domain/signals/streams.ts';
import {
  type SignalStream,
  type SignalStreamSettings,
  signalStatuses,
} from '../../domain/signals/types.ts';
import { parameterError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { distinct, text } from '../framework/input.ts';
import { clientOperation, type Operation, operation } from '../framework/operation.ts';
import { apiPrefix } from '../framework/router.ts';
import { count, pathName, time } from '../framework/schemas.ts';
import { deliveryMethods, signalPaths } from './configuration.ts';

export interface SignalDependencies {
  issuer: string;
  signalStreams: SignalStreams;
  signalPolls: Pick<SignalPolls, 'poll'>;
  /** Called after a stream was created or changed. */
  signalsChanged: () => void;
}

const streamId = text(100).meta({ description: 'The ID of the stream.' });
const ofOne = z.strictObject({ stream_id: streamId });
const ofPath = z.strictObject({
  stream_id: pathName('The ID of the stream.', 'kq3ZLxHc0gq5m0b4m1m9Tw'),
});
const ofMany = z.strictObject({
  stream_id: streamId.optional().meta({ description: 'Only this stream. Default: all.' }),
});

const delivery = z
  .strictObject({
    method: z.enum(deliveryMethods).meta({
      description: 'By push (RFC 8935) or by poll (RFC 8936).',
    }),
    endpoint_url: text(2_000).optional().meta({
      description:
        'Where events are pushed to: an https URL. For a poll, this server supplies the URL to poll.',
    }),
    authorization_header: text(4_000)
      .regex(/^[\x20-\x7e]+$/, 'must be the value of an HTTP header')
      .optional()
      .meta({
        description:
          'The `Authorization` header of pushes. It is stored encrypted and never returned.',
      }),
  })
  .meta({ id: 'SignalDelivery' });

const chosen = {
  delivery: delivery.optional().meta({ description: 'Default: by poll.' }),
  events_requested: distinct(text(500), 100).optional().meta({
    description: 'The event types that the receiver wants. Default: all that are supported.',
  }),
  description: text(500).optional().meta({ description: 'A text for operators.' }),
};

const supplied = ['iss', 'aud', 'events_supported', 'events_delivered'] as const;
const mine = z.unknown().optional().meta({
  description: 'Supplied by this server: it must be as this server returns it.',
});
const creation = z.strictObject(chosen).meta({ id: 'NewSignalStream' });
const edit = z
  .strictObject({
    stream_id: streamId,
    ...chosen,
    ...Object.fromEntries(supplied.map((name) => [name, mine])),
    min_verification_interval: mine,
  })
  .meta({ id: 'SignalStreamChanges' });

const stream = z
  .object({
    stream_id: z.string().meta({ description: 'The ID of the stream.' }),
    iss: z.string().meta({ description: 'The `iss` of its events: the issuer.' }),
    aud: z
      .string()
      .meta({ description: 'The `aud` of its events: the `client_id` of the receiver.' }),
    events_supported: z.array(z.string()).meta({ description: 'The event types of this server.' }),
    events_requested: z
      .array(z.string())
      .optional()
      .meta({ description: 'Those that the receiver wants.' }),
    events_delivered: z.array(z.string()).meta({ description: 'Those that it gets.' }),
    delivery: z
      .object({
        method: z.enum(deliveryMethods).meta({ description: 'By push or by poll.' }),
        endpoint_url: z.string().meta({ description: 'Where events are pushed to, or polled.' }),
      })
      .meta({ description: 'How events are delivered.' }),
    min_verification_interval: count.meta({ description: 'Seconds between two verifications.' }),
    description: z.string().optional().meta({ description: 'A text for operators.' }),
  })
  .meta({ id: 'SignalStream' });

const status = z
  .object({
    stream_id: z.string().meta({ description: 'The ID of the stream.' }),
    status: z.enum(signalStatuses).meta({
      description:
        '`paused`: events wait. `disabled`: there are none, and what waited is dropped; this server disables a stream that has missed changes, or whose endpoint has failed for three days.',
    }),
    reason: z.string().optional().meta({ description: 'Why, for people.' }),
  })
  .meta({ id: 'SignalStreamStatus' });

const statusChange = z
  .strictObject({
    stream_id: streamId,
    status: z.enum(signalStatuses).meta({ description: 'The new status.' }),
    reason: text(500).optional().meta({ description: 'Why, for people.' }),
  })
  .meta({ id: 'SignalStreamStatusChange' });

const verification = z
  .strictObject({
    stream_id: streamId,
    state: text(500).optional().meta({ description: 'It comes back in the event.' }),
  })
  .meta({ id: 'SignalVerification' });

const jti = text(100);
const poll = z
  .strictObject({
    maxEvents: count
      .min(0)
      .max(1_000_000)
      .optional()
      .meta({
        description: `How many events to return at most; 0 only acknowledges. At most ${signalBounds.poll} are returned.`,
      }),
    returnImmediately: z
      .boolean()
      .default(false)
      .meta({
        description: `Whether to answer at once. Otherwise the answer waits up to ${signalBounds.longPoll} seconds for an event.`,
        override: { type: 'boolean', default: false },
      }),
    ack: z
      .array(jti)
      .max(1_000)
      .optional()
      .meta({ description: 'The `jti` of events that arrived.' }),
    setErrs: z
      .record(
        jti,
        z.strictObject({
          err: text(100).meta({ description: 'A code (RFC 8935 §2.4).' }),
          description: text(1_000).optional().meta({ description: 'The error, for people.' }),
        }),
      )
      .refine((errors) => Object.keys(errors).length <= signalBounds.poll, 'has too many members')
      .optional()
      .meta({
        description: 'Errors by the `jti` of events that are refused; they are not sent again.',
      }),
  })
  .meta({ id: 'SignalPoll' });

const polled = z
  .object({
    sets: z.record(z.string(), z.string()).meta({
      description: 'Security event tokens (RFC 8417) by their `jti`, until they are acknowledged.',
    }),
    moreAvailable: z.boolean().meta({ description: 'Whether further events wait.' }),
  })
  .meta({ id: 'SignalPollResponse' });

const operated = z
  .object({
    id: z.string().meta({ description: 'The ID of the stream.' }),
    client: z.string().meta({ description: 'The `client_id` of the receiver.' }),
    endpoint_url: z.string().nullable().meta({
      description: 'Where events are pushed to; null: the receiver polls.',
    }),
    events_requested: z.array(z.string()).nullable().meta({
      description: 'The event types that the receiver wants; null: all.',
    }),
    description: z.string().nullable().meta({ description: 'A text of the receiver.' }),
    status: z.enum(signalStatuses).meta({ description: 'Whether it gets events.' }),
    reason: z.string().nullable().meta({ description: 'Why it has this status.' }),
    waiting: count.meta({ description: 'Events that the receiver has not acknowledged.' }),
    waiting_since: time.nullable().meta({ description: 'Since when the oldest of them waits.' }),
    failing_since: time.nullable().meta({
      description: 'Since when pushes fail; null: they do not. The log has the errors.',
    }),
    created_at: time.meta({ description: 'When it was created.' }),
  })
  .meta({ id: 'OperatedSignalStream' });

/** The settings that a receiver gave; without `delivery`, by poll. */
function settingsOf(
  given: Omit<z.output<typeof creation>, never>,
  authorization: string | null = null,
): SignalStreamSettings {
  const {
    delivery: { method, endpoint_url, authorization_header } = { method: deliveryMethods.poll },
  } = given;
  const isPush = method === deliveryMethods.push;
  if (isPush && endpoint_url === undefined)
    throw parameterError('invalid_request', 'delivery.endpoint_url', 'is required for a push.');
  return {
    endpointUrl: isPush ? (endpoint_url ?? null) : null,
    authorization: authorization_header ?? (isPush ? authorization : null),
    eventsRequested: given.events_requested ?? null,
    description: given.description ?? null,
  };
}

/** Operations on streams. */
export function signalOperations({
  issuer,
  signalStreams,
  signalPolls,
  signalsChanged,
}: SignalDependencies): Operation[] {
  const toStream = (found: SignalStream): z.input<typeof stream> => ({
    stream_id: found.id,
    iss: issuer,
    aud: found.client,
    events_supported: [...supportedEvents],
    ...(found.eventsRequested !== null && { events_requested: found.eventsRequested }),
    events_delivered: supportedEvents.filter(
      (name) => found.eventsRequested?.includes(name) ?? true,
    ),
    delivery:
      found.endpointUrl === null
        ? {
            method: deliveryMethods.poll,
            endpoint_url: urlOf(
              issuer,
              apiPrefix + signalPaths.poll.replace('{stream_id}', found.id),
            ),
          }
        : { method: deliveryMethods.push, endpoint_url: found.endpointUrl },
    min_verification_interval: signalBounds.verification,
    ...(found.description !== null && { description: found.description }),
  });

  const toStatus = (found: SignalStream): z.input<typeof status> => ({
    stream_id: found.id,
    status: found.status,
    ...(found.reason !== null && { reason: found.reason }),
  });

  /** Changed or not, what this server supplies must be sent as it is, or not at all (SSF 1.0 §8.1.1.3). */
  const requireSupplied = (given: Record<string, unknown>, found: SignalStream): void => {
    const current: Record<string, unknown> = toStream(found);
    for (const name of [...supplied, 'min_verification_interval'])
      if (given[name] !== undefined && !isDeepStrictEqual(given[name], current[name]))
        throw parameterError('invalid_request', name, 'is supplied by this server.');
  };

  const common = {
    tag: 'Shared Signals',
    scope: 'signals:manage',
  } as const;
  const errors = ['access_denied', 'invalid_client', 'too_many_requests'] as const;
  const onOne = [...errors, 'not_found'] as const;
  const byClient =
    'The client authenticates with its credentials by the scheme Basic, or with an access token for this API.';

  return [
    clientOperation({
      ...common,
      method: 'post',
      path: signalPaths.stream,
      operationId: 'createSignalStream',
      summary: 'Create a stream',
      description: `Creates a stream of security events for the calling client, which is the resource server of an API (\`resource_server_for\`): it gets what concerns tokens of its own APIs, from the next change on. ${byClient}`,
      body: creation,
      response: stream,
      success: 201,
      errors: [...errors, 'conflict'],
      handle: async ({ clientId, body }) => {
        const created = await signalStreams.create(clientId, settingsOf(body));
        signalsChanged();
        return toStream(created);
      },
    }),

    clientOperation({
      ...common,
      method: 'get',
      path: signalPaths.stream,
      operationId: 'getSignalStreams',
      summary: 'Read streams',
      description: `Returns the stream \`stream_id\`, or, without it, a list of all streams of the calling client. ${byClient}`,
      query: ofMany,
      response: z.union([stream, z.array(stream)]),
      errors: onOne,
      handle: async ({ clientId, query: { stream_id: id } }) =>
        id === undefined
          ? (await signalStreams.ofClient(clientId)).map(toStream)
          : toStream(await signalStreams.find(clientId, id)),
    }),

    clientOperation({
      ...common,
      method: 'patch',
      path: signalPaths.stream,
      operationId: 'updateSignalStream',
      summary: 'Change a stream',
      description: `Changes what is given. ${byClient}`,
      body: edit,
      response: stream,
      errors: onOne,
      handle: async ({ clientId, body }) => {
        const updated = await signalStreams.update(clientId, body.stream_id, (current) => {
          requireSupplied(body, current);
          const given = settingsOf(body, current.authorization);
          return {
            ...(body.delivery
              ? given
              : { endpointUrl: current.endpointUrl, authorization: current.authorization }),
            eventsRequested: body.events_requested ?? current.eventsRequested,
            description: body.description ?? current.description,
          };
        });
        signalsChanged();
        return toStream(updated);
      },
    }),

    clientOperation({
      ...common,
      method: 'put',
      path: signalPaths.stream,
      operationId: 'replaceSignalStream',
      summary: 'Replace a stream',
      description: `Replaces what the receiver chooses; what is absent gets its default. ${byClient}`,
      body: edit,
      response: stream,
      errors: onOne,
      handle: async ({ clientId, body }) => {
        const updated = await signalStreams.update(clientId, body.stream_id, (current) => {
          requireSupplied(body, current);
          return settingsOf(body);
        });
        signalsChanged();
        return toStream(updated);
      },
    }),

    clientOperation({
      ...common,
      method: 'delete',
      path: signalPaths.stream,
      operationId: 'deleteSignalStream',
      summary: 'Delete a stream',
      description: `Deletes a stream with what waits in it. ${byClient}`,
      query: ofOne,
      errors: onOne,
      handle: ({ clientId, query }) => signalStreams.delete(clientId, query.stream_id),
    }),

    clientOperation({
      ...common,
      method: 'get',
      path: signalPaths.status,
      operationId: 'getSignalStreamStatus',
      summary: 'Read the status of a stream',
      description: `Returns whether the stream gets events. ${byClient}`,
      query: ofOne,
      response: status,
      errors: onOne,
      handle: async ({ clientId, query }) =>
        toStatus(await signalStreams.find(clientId, query.stream_id)),
    }),

    clientOperation({
      ...common,
      method: 'post',
      path: signalPaths.status,
      operationId: 'setSignalStreamStatus',
      summary: 'Set the status of a stream',
      description: `A stream that was paused continues where it was; one that was disabled begins with the next change. ${byClient}`,
      body: statusChange,
      response: status,
      errors: onOne,
      handle: async ({ clientId, body }) => {
        const { stream_id: id, status: next, reason = null } = body;
        const updated = await signalStreams.setStatus(clientId, id, next, reason);
        signalsChanged();
        return toStatus(updated);
      },
    }),

    clientOperation({
      ...common,
      method: 'post',
      path: signalPaths.verification,
      operationId: 'verifySignalStream',
      summary: 'Verify a stream',
      description: `Sends an event through the stream, so that the receiver can see that it works. ${byClient}`,
      body: verification,
      errors: [...onOne, 'conflict'],
      handle: async ({ clientId, body }) => {
        await signalStreams.verify(clientId, body.stream_id, body.state);
        signalsChanged();
      },
    }),

    clientOperation({
      ...common,
      method: 'post',
      path: signalPaths.poll,
      operationId: 'pollSignalStream',
      summary: 'Poll a stream',
      description: `Acknowledges events and returns those that wait (RFC 8936). An event comes again with each poll until it is acknowledged. ${byClient}`,
      parameters: ofPath,
      body: poll,
      response: polled,
      errors: [...onOne, 'conflict'],
      handle: ({ clientId, path, body }) =>
        signalPolls.poll(clientId, path.stream_id, {
          maxEvents: body.maxEvents ?? signalBounds.poll,
          returnImmediately: body.returnImmediately,
          ack: body.ack ?? [],
          setErrs: Object.fromEntries(
            Object.entries(body.setErrs ?? {}).map(([name, { err }]) => [name, err]),
          ),
        }),
    }),

    operation({
      method: 'get',
      path: '/signal-streams',
      tag: 'Shared Signals',
      operationId: 'listSignalStreams',
      summary: 'List the streams of all clients',
      description: 'Returns all of them on one page, oldest first.',
      scope: 'clients:read',
      response: z
        .object({ items: z.array(operated), next: z.null() })
        .meta({ id: 'OperatedSignalStreams' }),
      handle: async () => ({
        items: (await signalStreams.all()).map(
          ({
            endpointUrl,
            eventsRequested,
            createdAt,
            waitingSince,
            failingSince,
            nextAttemptAt: _,
            ...rest
          }) => ({
            ...rest,
            endpoint_url: endpointUrl,
            events_requested: eventsRequested,
            waiting_since: waitingSince,
            failing_since: failingSince,
            created_at: createdAt,
          }),
        ),
        next: null,
      }),
    }),

    operation({
      method: 'delete',
      path: '/signal-streams/{stream_id}',
      tag: 'Shared Signals',
      operationId: 'deleteAnySignalStream',
      summary: 'Delete a stream of a client',
      description:
        'Its receiver gets no further event. It can create another stream, as long as it is a resource server.',
      scope: 'clients:write',
      parameters: ofPath,
      audit: { action: 'signal_stream.deleted', kind: 'signal_stream' },
      handle: ({ path }) => signalStreams.deleteAny(path.stream_id),
    }),
  ];
}
