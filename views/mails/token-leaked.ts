import { appPath, clientPath } from '../components/app.ts';
import { type MailProps, quoted } from './mail.ts';

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
  /** What its owner called it. */
  name: string | null;
  /** The last characters of its value. */
  hint: string;
  client: { id: string; app: string | null; name: string };
  /** It is written to those whose client it is, and not to a person whose token it was. */
  ofClient: boolean;
  /** Others of the kind that are found within the hour are not written of. */
  hourly: boolean;
}

/** What each kind is called, and what takes its place. */
const kinds: Record<LeakedKind, { called: string; next: string }> = {
  access_token: {
    called: 'An access token',
    next: 'The program that had it asks for another by itself, or asks you to sign in again.',
  },
  refresh_token: {
    called: 'The refresh token of a login',
    next: 'The login has ended with it: sign in again where you still need it.',
  },
  personal_access_token: {
    called: 'A personal access token',
    next: 'Make a new one where you still need it.',
  },
  api_token: {
    called: 'An API token',
    next: 'Have your backend make a new one for whoever used it.',
  },
  api_key: {
    called: 'An API key',
    next: 'Make a new one, and give it to the backend that used it. The API tokens that were made with it go on, since your users have them: end those that you do not know.',
  },
  client_secret: {
    called: 'A client secret',
    next: 'The access and refresh tokens of the client have ended with it. Make a new secret, and give it to the programs that used it: they get no tokens until then.',
  },
};

/** That something was found where others could read it, and has been ended. */
export function tokenLeaked(props: TokenLeakedProps): MailProps {
  const { to, kind, name, hint, client, ofClient, hourly } = props;
  const { called, next } = kinds[kind];
  return {
    // What a backend called its tokens is not put before the eyes of others in a list of mails.
    subject: `${called} was leaked and has been ended${name && !ofClient ? `: ${quoted(name)}` : ''}`,
    to,
    opening: `${called} of ${ofClient ? `the client ${client.id}` : 'yours'} was found where others can read it, and was reported. It has been ended and opens nothing any more.`,
    facts: [
      ...(name ? [['Name', name] as [string, string]] : []),
      ['Ends with the characters', hint],
      ['Client', client.id],
    ],
    advice: [
      next,
      'Take it out of where it stood, and look at what happened since: somebody may have used it before it was ended.',
      ...(ofClient && client.app === null
        ? [`Administrators see what was done with it here: writ audit list --actor ${client.id}`]
        : []),
      ...(hourly
        ? [
            `More of the same may have been found and ended: of those you are written to once an hour at most. ${printWhereToLook(props)}`,
          ]
        : []),
    ],
    links: linksFor(props),
  };
}

/** Where whoever reads it finds what was ended. */
function printWhereToLook({ client, ofClient }: TokenLeakedProps): string {
  if (!ofClient) return 'Your devices and logins show which logins go on.';
  if (client.app !== null) return 'The activity of the app shows each of them.';
  return 'Administrators see what was ended with: writ audit list --action token.leaked';
}

function linksFor({ kind, client, ofClient }: TokenLeakedProps): MailProps['links'] {
  if (ofClient && client.app !== null)
    return [
      {
        label: `The client ${client.id}`,
        path: clientPath({ name: client.app }, { name: client.name }),
      },
      { label: 'What happened in the app', path: appPath({ name: client.app }, '/activity') },
    ];
  if (ofClient) return [];
  return kind === 'personal_access_token'
    ? [{ label: 'Your tokens', path: '/account/tokens' }]
    : [{ label: 'Your devices and logins', path: '/account/devices' }];
}
