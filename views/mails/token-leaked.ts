import { appPath, clientPath } from '../components/app.ts';
import type { MailProps } from './mail.ts';

export type LeakedKind =
  | 'access_token'
  | 'refresh_token'
  | 'personal_access_token'
  | 'api_token'
  | 'api_key'
  | 'client_secret';

export interface TokenLeakedProps {
  to: string;
  kind: LeakedKind;
  /** The name that its owner gave it. */
  name: string | null;
  /** The last characters of its value. */
  hint: string;
  client: { id: string; app: string | null; name: string };
  /** The recipients own the client, and not the token. */
  ofClient: boolean;
  /** Emails about this kind are sent at most once an hour. */
  hourly: boolean;
}

/** The name of each kind, and what to do about it. */
const kinds: Record<LeakedKind, { called: string; next: string }> = {
  access_token: {
    called: 'An access token',
    next: 'The program that used it requests another one by itself, or asks you to sign in again.',
  },
  refresh_token: {
    called: 'A refresh token',
    next: 'The connection that it belonged to is revoked as well. Connect the program again if you still need it.',
  },
  personal_access_token: {
    called: 'A personal access token',
    next: 'Create a new one if you still need it.',
  },
  api_token: {
    called: 'An API token',
    next: 'Let your backend create a new one for the person who used it.',
  },
  api_key: {
    called: 'An API key',
    next: 'Create a new one, and give it to the backend that used it. The API tokens that were created with the old key still work, because your users have them: revoke those that you do not recognize.',
  },
  client_secret: {
    called: 'A client secret',
    next: 'The access and refresh tokens of the client are revoked as well. Create a new secret, and give it to the programs that used the old one: they get no tokens until then.',
  },
};

/** A token or secret was found in public, and has been revoked. */
export function tokenLeaked(props: TokenLeakedProps): MailProps {
  const { to, kind, name, hint, client, ofClient, hourly } = props;
  const { called, next } = kinds[kind];
  return {
    // The name that a backend gave a token stays out of the subjects of emails to others.
    subject: `${called} was leaked and has been revoked${name && !ofClient ? `: ${name}` : ''}`,
    to,
    opening: `${called} of ${ofClient ? `the client ${client.id}` : 'yours'} was found where others can read it, and was reported. It has been revoked and no longer works.`,
    facts: [
      ...(name ? [['Name', name] as [string, string]] : []),
      ['Last characters', hint],
      // People create these on a page of this server, whose client means nothing to them.
      ...(kind === 'personal_access_token' && !ofClient
        ? []
        : [['Client', client.id] as [string, string]]),
    ],
    advice: [
      'Remove it from the place where it was found, and check what happened since then: someone may have used it before it was revoked.',
      next,
      ...(ofClient && client.app === null
        ? [`Administrators can list what it was used for: writ audit list --actor ${client.id}`]
        : []),
      ...(hourly
        ? [
            `More of the same kind may have been found and revoked: you get at most one email an hour about them. ${whereToLook(props)}`,
          ]
        : []),
    ],
    links: linksFor(props),
  };
}

/** Where the recipient finds everything that was revoked. */
function whereToLook({ client, ofClient }: TokenLeakedProps): string {
  if (!ofClient) return 'Your account shows which apps and devices still have access.';
  if (client.app !== null) return 'The activity of the app lists each of them.';
  return 'Administrators can list what was revoked: writ audit list --action token.leaked';
}

function linksFor({ kind, client, ofClient }: TokenLeakedProps): MailProps['links'] {
  if (ofClient && client.app !== null)
    return [
      {
        label: `Open the client ${client.id}`,
        path: clientPath({ name: client.app }, { name: client.name }),
      },
      { label: 'Review the activity of the app', path: appPath({ name: client.app }, '/activity') },
    ];
  if (ofClient) return [];
  return kind === 'personal_access_token'
    ? [{ label: 'Review your tokens', path: '/account/tokens' }]
    : [{ label: 'Review connected apps and devices', path: '/account/connected' }];
}
