import { type AppConnectProps, appConnect } from '../../../views/apps/connect.ts';
import type { ClientShown } from '../../../views/components/app.ts';
import type { ConnectShown } from '../../../views/components/connect.ts';
import type { TrialShown } from '../../../views/components/connect-steps.ts';
import {
  arabic,
  type Case,
  everyday,
  frame,
  hostile,
  hour,
  long,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { acme, client, copied, first, worstApp, worstClient, worstCopied } from './shared.ts';

export const snippets: ConnectShown['snippets'] = {
  env: [
    'OAUTH_ISSUER=https://login.acme.example',
    'OAUTH_CLIENT_ID=acme:default',
    'OAUTH_CLIENT_SECRET=YOUR_CLIENT_SECRET',
  ].join('\n'),
  curl: [
    'curl -s https://login.acme.example/connect/token',
    '-d grant_type=client_credentials',
    '-d client_id=acme:default',
    '-d client_secret=YOUR_CLIENT_SECRET',
    '-d scope=things:read+things:write',
  ].join(' \\\n  '),
  shell: `TOKEN=$(curl -s https://login.acme.example/connect/token -d client_id=acme:default)\necho "$TOKEN"`,
  device: {
    start: `DEVICE=$(curl -s https://login.acme.example/connect/deviceauthorization -d client_id=acme:cli)`,
    poll: `curl -s https://login.acme.example/connect/token -d "device_code=$DEVICE"`,
  },
  node: `import * as client from 'openid-client';

const config = await client.discovery(
  new URL(process.env.OAUTH_ISSUER),
  process.env.OAUTH_CLIENT_ID,
  process.env.OAUTH_CLIENT_SECRET,
);
const { access_token } = await client.clientCredentialsGrant(config, {
  scope: 'things:read things:write',
});
console.log(access_token);`,
  python: `import os

import requests

response = requests.post(
    "https://login.acme.example/connect/token",
    data={"grant_type": "client_credentials"},
)
print(response.json()["access_token"])`,
  go: `package main

import "golang.org/x/oauth2/clientcredentials"

func main() {
	config := clientcredentials.Config{TokenURL: "https://login.acme.example/connect/token"}
}`,
};

export const connect: ConnectShown = {
  snippets,
  resource: 'https://api.example.com',
  scope: 'things:read things:write',
};

const connecting: AppConnectProps = {
  app: acme,
  client: { ...first, redirectUris: [] },
  resources: [{ identifier: 'https://api.example.com', name: 'Acme API' }],
  scopes: [
    { name: 'things:read', description: 'See your things' },
    { name: 'things:write', description: 'Create, change and delete your things' },
  ],
  connect,
  isStrict: false,
  mayTry: true,
  example: {
    read: 'curl -si https://login.acme.example/example/things -H "Authorization: Bearer $TOKEN"',
    write: `curl -si https://login.acme.example/example/things -H "Authorization: Bearer $TOKEN" \\\n  -d '{"name":"lamp"}'`,
  },
};

export const trial: TrialShown = {
  response: {
    access_token: 'writ_at_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4',
    token_type: 'Bearer',
    expires_in: hour,
    scope: 'things:read things:write',
  },
  introspection: {
    active: true,
    iss: 'https://login.acme.example',
    client_id: 'acme:default',
    sub: 'acme:default',
    aud: 'https://api.example.com',
    scope: 'things:read things:write',
    exp: 1_797_892_759,
    app: 'acme',
    roles: ['Owner'],
    entitlements: ['*'],
  },
};

export const worstConnect: ConnectShown = {
  snippets: {
    env: `OAUTH_ISSUER=${unbroken}`,
    curl: `</code></pre>${hostile}\n${unbroken}`,
    shell: arabic,
    device: { start: unbroken, poll: hostile },
    node: `${hostile}\n`.repeat(80),
    python: unbroken,
    go: hostile,
  },
  resource: `https://example.com/'$(id)\`"\\?${unbroken}`,
  scope: `${long('scope:read ', 600)} $HOME 'quoted'`,
};

const ofKind = (kind: ClientShown['kind'], redirectUris: string[] = []): AppConnectProps => ({
  ...connecting,
  client: { ...client(kind, { displayName: 'Acme for everybody', kind }), redirectUris },
  connect: {
    ...connect,
    snippets: {
      node: snippets.node,
      ...(kind !== 'website' && { python: snippets.python, go: snippets.go }),
      ...(kind === 'website_with_server' && { env: snippets.env }),
      ...(kind === 'device' && { device: snippets.device }),
    },
  },
  example: undefined,
  isStrict: false,
  mayTry: false,
});
export const connectCases: Case[] = [
  everyday('app-connect', (brand) => appConnect(frame(brand, copied), connecting)),
  everyday('app-connect-trial', (brand) =>
    appConnect(frame(brand, copied), { ...connecting, trial }),
  ),
  everyday('app-connect-website', (brand) =>
    appConnect(frame(brand, copied), ofKind('website', ['https://www.example.com/callback'])),
  ),
  one('app-connect-website-with-server', (brand) =>
    appConnect(
      frame(brand, copied),
      ofKind('website_with_server', ['https://www.example.com/callback']),
    ),
  ),
  one('app-connect-native', (brand) =>
    appConnect(frame(brand, copied), {
      ...ofKind('native'),
      resources: [
        ...connecting.resources,
        { identifier: 'https://logs.example.com', name: 'Acme Logs' },
      ],
    }),
  ),
  everyday('app-connect-device', (brand) => appConnect(frame(brand, copied), ofKind('device'))),
  everyday('app-connect-closed', (brand) =>
    appConnect(frame(brand, copied), {
      ...connecting,
      connect: undefined,
      scopes: [],
      resources: [],
    }),
  ),
  one('app-connect-reader', (brand) =>
    appConnect(frame(brand, copied), {
      ...connecting,
      client: { ...connecting.client, role: 'Reader' },
      connect: { ...connect, scope: 'things:read' },
      example: { read: connecting.example?.read ?? '' },
    }),
  ),
  one('app-connect-extreme', (brand) =>
    appConnect(frame(worst(brand), worstCopied), {
      ...connecting,
      app: worstApp,
      client: {
        ...worstClient,
        kind: 'server',
        disabledAt: null,
        disabledBy: null,
        redirectUris: [],
      },
      resources: Array.from({ length: 12 }, (_, index) => ({
        identifier: `${worstConnect.resource}${index}`,
        name: [unbroken, hostile, arabic, ''][index % 4] ?? '',
      })),
      scopes: [
        { name: hostile, description: arabic },
        { name: unbroken, description: unbroken },
      ],
      connect: worstConnect,
      trial: {
        response: { access_token: unbroken.repeat(6), token_type: 'Bearer', expires_in: 61 },
        introspection: { [hostile]: [unbroken, { [unbroken]: arabic }] },
        jwt: { header: { alg: hostile }, payload: { roles: [unbroken] } },
      },
      example: { read: unbroken, write: hostile },
      problem: unbroken,
    }),
  ),
  one('app-connect-extreme-native', (brand) =>
    appConnect(frame(worst(brand), worstCopied), {
      ...connecting,
      client: { ...worstClient, redirectUris: [`https://example.com/'\\${unbroken}`] },
      connect: worstConnect,
      isStrict: false,
      mayTry: false,
    }),
  ),
];
