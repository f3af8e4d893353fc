import { administratorRole } from '../../config/roles.ts';
import type { PendingAdministrator } from '../boot/first-start.ts';
import type { SetUp } from '../boot/setup.ts';
import { urlOf } from '../oauth/issuer.ts';
import type { Server } from '../server.ts';
import { commandName } from './command-name.ts';

/** What `serve` prints once the server listens: the link and the credentials of a first start, else where to go. */
export function welcome({ origin, issuer, sample, administrator }: Server): string {
  const lines = [`Listening on ${origin}`];
  if (issuer !== origin) lines.push(`Issuer: ${issuer}`);
  if (!sample) lines.push(`API documentation: ${urlOf(issuer, '/docs')}`);
  if (administrator) lines.push('', ...choosePassword(administrator));
  if (sample) lines.push('', ...firstToken(issuer, sample));
  return text(lines);
}

/** How the first administrator chooses a password: by a link that is shown once, or the command that creates another. */
export const choosePassword = ({
  email,
  invitationUri,
  expiresAt,
}: PendingAdministrator): string[] =>
  invitationUri && expiresAt
    ? [
        `Choose the password of the administrator, ${email} (the link works once, within ${daysUntil(expiresAt)}):`,
        `  ${invitationUri}`,
      ]
    : [
        `No administrator has chosen a password yet. Create a link for ${email}:`,
        `  ${commandName} accounts invite ${email}`,
      ];

function daysUntil(time: Date): string {
  const days = Math.round((time.getTime() - Date.now()) / 86_400_000);
  return days === 1 ? '1 day' : `${days} days`;
}

/**
 * What `setup` prints at its end: what to do next, up to the first token of an own API. `named`: the email address that
 * it was asked to create an administrator with.
 */
export function afterSetup(
  { issuer, created, operatorFile, administrator, administrators, localUrl }: SetUp,
  named?: string,
): string {
  const ignored =
    named !== undefined &&
    !administrators.some((email) => email.toLowerCase() === named.toLowerCase())
      ? [
          '',
          `No account was created for ${named}: there is an administrator already, ${administrators.join(', ')}. To add one:`,
          `  ${commandName} accounts create --name NAME --email ${named} --role ${administratorRole}`,
        ]
      : [];
  if (!created && !operatorFile) {
    const nothing = 'Nothing to do: the database is set up, and operator.json has an active key.';
    return text([
      ...(administrator?.invitationUri ? [] : [nothing]),
      ...(administrator ? ['', ...choosePassword(administrator)] : []),
      ...ignored,
    ]);
  }
  const origin = localUrl ?? issuer;
  const steps = [
    ['Start the server:', `  ${commandName} serve`],
    ...(administrator ? [choosePassword(administrator)] : []),
    [
      'In another terminal, create a resource (your API), a role and a client:',
      `  ${commandName} resources create https://api.example.com --scope "things:read=See things" --default`,
      `  ${commandName} roles set reader --permission things.read`,
      `  ${commandName} clients create demo --role reader`,
    ],
    [
      'Create a client for your API, which checks access tokens at the introspection endpoint:',
      `  ${commandName} clients create example-api --resource-server-for https://api.example.com`,
    ],
    [
      'Get an access token with the secret of demo, and check it with the secret of example-api:',
      `  curl -s ${urlOf(origin, '/connect/token')} -u demo:SECRET -d grant_type=client_credentials -d scope=things:read`,
      `  curl -s ${urlOf(origin, '/connect/introspect')} -u example-api:SECRET -d token=TOKEN`,
    ],
  ];
  return text([
    '',
    'The database is set up. Next:',
    ...steps.flatMap(([first, ...rest], index) => [
      `${index + 1}. ${first}`,
      ...rest.map((line) => ` ${line}`),
    ]),
    ...ignored,
    ...(localUrl
      ? ['', `The writ command uses ${localUrl} until DNS and a proxy lead to ${issuer}.`]
      : []),
  ]);
}

const text = (lines: string[]): string => `${lines.join('\n')}\n`;

/** A first token, and the credentials that the README's commands use. They are never shown again. */
const firstToken = (
  issuer: string,
  { app, resourceServer }: NonNullable<Server['sample']>,
): string[] => [
  'Get an access token, in another terminal. The two secrets are shown only now:',
  `  export APP=${app.clientId}:${app.secret}`,
  `  export API=${resourceServer.clientId}:${resourceServer.secret}`,
  `  curl -s ${urlOf(issuer, '/connect/token')} -u "$APP" -d grant_type=client_credentials -d scope=things:read`,
  '',
  'README.md goes on from here with $APP and $API. API documentation:',
  `  ${urlOf(issuer, '/docs')}`,
];
