import { appClientCreated } from '../../../views/apps/client-created.ts';
import { appClientNew } from '../../../views/apps/client-new.ts';
import { type Case, everyday, frame, hostile, one, unbroken, worst } from '../case.ts';
import { connect, snippets, worstConnect } from './connect.ts';
import { roles, worstRoles } from './roles.ts';
import {
  acme,
  asDeveloper,
  client,
  copied,
  first,
  here,
  worstApp,
  worstClient,
  worstCopied,
  worstHere,
} from './shared.ts';

export const clientsCases: Case[] = [
  everyday('app-client-new', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles,
      values: { kind: 'server', role: 'Reader' },
    }),
  ),
  everyday('app-client-new-problem', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles,
      values: {
        kind: 'website',
        name: '',
        display_name: 'Website',
        role: 'Editor',
        redirect_uris: 'http://www.example.com/',
      },
      problems: {
        name: 'The name of a client has 1 to 40 lowercase letters and digits.',
        redirect_uris: 'The redirect URI http://www.example.com/ must begin with https://.',
      },
    }),
  ),
  one('app-client-new-extreme', (brand) =>
    appClientNew(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      values: {
        kind: hostile,
        name: unbroken,
        display_name: hostile,
        role: hostile,
        redirect_uris: `\n</textarea>${hostile}\n${unbroken}`,
      },
      problems: { kind: unbroken, role: hostile },
    }),
  ),
  one('app-client-new-empty', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles: [],
      problem: 'There is no role to give.',
    }),
  ),
  everyday('app-client-created', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: acme,
      client: first,
      created: 'app',
      secret: 'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
      connect: {
        ...connect,
        snippets: {
          ...snippets,
          curl: snippets.curl?.replace(
            'YOUR_CLIENT_SECRET',
            'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
          ),
          env: snippets.env?.replace(
            'YOUR_CLIENT_SECRET',
            'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
          ),
        },
      },
    }),
  ),
  everyday('app-client-created-public', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: asDeveloper,
      client: client('website', { displayName: 'Website', kind: 'website', role: 'Editor' }),
      created: 'client',
      connect,
    }),
  ),
  one('app-client-created-extreme', (brand) =>
    appClientCreated(frame(worst(brand), worstCopied), {
      app: worstApp,
      client: worstClient,
      created: 'secret',
      secret: unbroken,
      connect: worstConnect,
    }),
  ),
  one('app-client-created-little', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: acme,
      client: first,
      created: 'secret',
      secret: 'x',
    }),
  ),
];
