import * as z from 'zod';
import { usageDays } from '../../../config/apps.ts';
import type { AppActivity } from '../../domain/apps/types.ts';
import { event } from '../audit/events.ts';
import { digits } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, withCursor } from '../framework/paging.ts';
import { count } from '../framework/schemas.ts';
import { appPath } from './path.ts';

export interface AppActivityDependencies {
  appActivity: AppActivity;
}

const usage = z
  .object({
    days: z.array(z.iso.date()).meta({ description: 'In UTC, the oldest first.' }),
    clients: z.array(
      z.object({
        client_id: z.string(),
        display_name: z.string(),
        deleted: z.boolean(),
        access_tokens: z.array(count).meta({ description: 'One number for each of the days.' }),
        api_calls: z.array(count).meta({
          description: 'Calls of APIs, as their guards reported them.',
        }),
        api_bytes: z.array(count).meta({ description: 'Bytes that these APIs answered.' }),
      }),
    ),
  })
  .meta({
    id: 'AppUsage',
    description: 'How many access tokens the clients of an app got, and how much they used APIs.',
  });

/** `/apps/{app}/audit-events` and `/apps/{app}/usage`: what happens in an app. */
export function appActivityOperations({ appActivity }: AppActivityDependencies): Operation[] {
  const on = { tag: 'Apps', parameters: appPath } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/audit-events',
      operationId: 'listAppEvents',
      summary: 'What happened in an app, newest first',
      description:
        'Who did what to it, its clients, members and roles. From which address and with which token is told operators alone; for members it is null.',
      scope: 'apps:read',
      query: pageQuery,
      answer: pageOf(event),
      handle: async ({ principal, path, query }) =>
        withCursor(await appActivity.page(principal.appActor, path.app, query)),
    }),

    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/usage',
      operationId: 'getAppUsage',
      summary: 'How many access tokens the clients of an app got, by day',
      description:
        'Days without any included, and clients that were deleted. The numbers are those of a minute ago.',
      scope: 'apps:read',
      query: z.strictObject({
        days: digits({ min: 1, max: usageDays.kept, standard: usageDays.shown }).meta({
          description: 'How many days, today included.',
        }),
      }),
      answer: usage,
      handle: async ({ principal, path, query }) => {
        const found = await appActivity.usage(principal.appActor, path.app, query.days);
        return {
          days: found.days,
          clients: found.clients.map((client) => ({
            client_id: client.clientId,
            display_name: client.displayName,
            deleted: client.deleted,
            access_tokens: client.accessTokens,
            api_calls: client.apiCalls,
            api_bytes: client.apiBytes,
          })),
        };
      },
    }),
  ];
}
