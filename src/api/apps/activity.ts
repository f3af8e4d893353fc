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
    days: z.array(z.iso.date()).meta({ description: 'The days in UTC, oldest first.' }),
    clients: z
      .array(
        z.object({
          client_id: z.string().meta({ description: 'The `client_id` of the client.' }),
          display_name: z.string().meta({ description: 'The name that people see.' }),
          deleted: z.boolean().meta({ description: 'Whether the client was deleted.' }),
          access_tokens: z
            .array(count)
            .meta({ description: 'Access tokens issued, one number per day.' }),
          api_calls: z.array(count).meta({
            description: 'API calls, as the guards of the APIs reported them; one number per day.',
          }),
          api_bytes: z
            .array(count)
            .meta({ description: 'Bytes of the responses to these calls; one number per day.' }),
        }),
      )
      .meta({ description: 'The usage of each client.' }),
  })
  .meta({
    id: 'AppUsage',
    description: 'The access tokens issued to the clients of an app, and their use of APIs.',
  });

/** `/apps/{app}/audit-events` and `/apps/{app}/usage`: the activity of an app. */
export function appActivityOperations({ appActivity }: AppActivityDependencies): Operation[] {
  const on = { tag: 'Apps', parameters: appPath } as const;

  return [
    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/audit-events',
      operationId: 'listAppEvents',
      summary: 'List the audit events of an app',
      description:
        'Newest first: who changed the app, its clients, members and roles. Only operators see IP addresses and token ids; for members they are null.',
      scope: 'apps:read',
      query: pageQuery,
      response: pageOf(event),
      handle: async ({ principal, path, query }) =>
        withCursor(await appActivity.page(principal.appActor, path.app, query)),
    }),

    operation({
      ...on,
      method: 'get',
      path: '/apps/{app}/usage',
      operationId: 'getAppUsage',
      summary: 'Get the usage of an app by day',
      description:
        'Includes days without usage, and deleted clients. The numbers are up to a minute old.',
      scope: 'apps:read',
      query: z.strictObject({
        days: digits({ min: 1, max: usageDays.kept, defaultValue: usageDays.shown }).meta({
          description: 'The number of days, including today.',
        }),
      }),
      response: usage,
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
