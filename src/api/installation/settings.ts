import * as z from 'zod';
import type { ListSettings } from '../../domain/installation/settings.ts';
import { type Operation, operation } from '../framework/operation.ts';

export interface SettingDependencies {
  listSettings: ListSettings;
}

const setting = z
  .object({
    name: z.string().meta({ description: 'Its environment variable.' }),
    group: z.string().meta({ description: 'The heading that it is listed under.' }),
    value: z.string().nullable().meta({
      description: 'As it would be in the environment; null if there is none, or it is secret.',
    }),
    default: z.string().meta({ description: 'A value, or words if it depends on others.' }),
    origin: z.enum(['environment', 'default', 'derived']).meta({
      description: 'Where the value comes from. `derived`: a default that follows other settings.',
    }),
    derived_from: z.array(z.string()).meta({ description: 'The settings that it then follows.' }),
    changed: z.boolean().meta({ description: 'Whether it is set to something but its default.' }),
    secret: z.boolean().meta({ description: 'Whether there is a value that is not shown.' }),
    meaning: z.string(),
    change: z.string().meta({
      description: 'What a change does, in addition to the restart that every change needs.',
    }),
  })
  .meta({ id: 'Setting' });

/** `/settings`: what the server that answers was started with. */
export const settingOperations = ({ listSettings }: SettingDependencies): Operation[] => [
  operation({
    method: 'get',
    path: '/settings',
    tag: 'Diagnostics',
    operationId: 'listSettings',
    summary: 'List settings',
    description:
      'Each setting of the server that answers, with its value, where that comes from, and what a change does. Secrets are not shown. Settings are environment variables, so this API does not change them.',
    scope: 'diagnostics:read',
    response: z.object({ items: z.array(setting) }).meta({ id: 'SettingList' }),
    handle: async () => ({ items: listSettings() }),
  }),
];
