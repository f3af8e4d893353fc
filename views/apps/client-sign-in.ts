import { html } from 'hono/html';
import { type ClientKind, hasRedirectUris } from '../components/app.ts';
import { checkboxes, select, textarea } from '../components/controls.ts';
import { field, type Problems } from '../components/field.ts';
import { duration } from '../components/time.ts';
import type { Html } from '../layout/frame.ts';

type UserinfoAlg = 'RS256' | 'ES256' | 'EdDSA';

/** How people sign in to a client, and what it learns about them. */
export interface ClientSignInShown {
  optionalScopes: string[];
  /** Seconds; null for no limit. */
  defaultMaxAge: number | null;
  requireAuthTime: boolean;
  requireSecondFactor: boolean;
  claimsInIdToken: boolean;
  /** Null for JSON. */
  userinfoAlg: UserinfoAlg | null;
}

export type SignInField =
  | 'optional_scopes'
  | 'ask_again'
  | 'auth_time'
  | 'second_factor'
  | 'only_userinfo'
  | 'userinfo_alg';

/** The values of the fields; `on` for a box that is ticked. */
export type SignInFilled = Partial<Record<SignInField, string | undefined>>;

export const signInFieldNames: SignInField[] = [
  'optional_scopes',
  'ask_again',
  'auth_time',
  'second_factor',
  'only_userinfo',
  'userinfo_alg',
];

const userinfoNames: Record<UserinfoAlg, string> = {
  RS256: 'JWT, signed with RS256',
  ES256: 'JWT, signed with ES256',
  EdDSA: 'JWT, signed with EdDSA',
};

/** The fields of how people sign in to a client. `of` gives what a field needs. */
export function signInFields(
  kind: ClientKind,
  values: SignInFilled,
  of: (name: SignInField) => { name: string; problem?: string | undefined },
): Html {
  const isOn = (name: SignInField) => values[name] === 'on';
  return html`${
    hasRedirectUris(kind) &&
    html`${textarea({
      ...of('optional_scopes'),
      label: html`People can untick these scopes, one per line <span class="optional">optional</span>`,
      rows: 3,
      optional: true,
      value: values.optional_scopes,
      placeholder: 'email',
      hint: 'People can refuse them and allow the rest. The token response says which scopes were granted.',
    })}
    ${field({
      ...of('ask_again'),
      optional: true,
      maxLength: 15,
      value: values.ask_again ?? '',
      attributes: html`inputmode="numeric"`,
      label: html`Ask again after, in seconds <span class="optional">optional</span>`,
      hint: 'A person whose last sign-in is older enters the password again. Every request needs the scope openid.',
    })}`
  }
  ${checkboxes({
    id: 'second_factor',
    legend: 'Second factor',
    boxes: [
      {
        name: 'second_factor',
        label: 'Required',
        description:
          'People sign in with a passkey, or with a code besides their password. Those who have none set one up first.',
        checked: isOn('second_factor'),
      },
    ],
    problem: of('second_factor').problem,
  })}
  ${checkboxes({
    id: 'auth_time',
    legend: 'ID tokens',
    boxes: [
      ...(hasRedirectUris(kind)
        ? [
            {
              name: 'auth_time',
              label: 'Always with the time of the sign-in',
              description: 'The claim auth_time. Every request needs the scope openid.',
              checked: isOn('auth_time'),
            },
          ]
        : []),
      {
        name: 'only_userinfo',
        label: 'Without name, email and other claims',
        description: 'Your program reads them at the userinfo endpoint.',
        checked: isOn('only_userinfo'),
      },
    ],
    problem: of('auth_time').problem ?? of('only_userinfo').problem,
  })}
  ${select({
    ...of('userinfo_alg'),
    label: 'Response of the userinfo endpoint',
    options: [
      { value: '', label: 'JSON, which every library supports' },
      ...Object.entries(userinfoNames).map(([value, label]) => ({ value, label })),
    ],
    value: values.userinfo_alg,
  })}`;
}

/** The values of a client. */
export const signInValues = ({
  optionalScopes,
  defaultMaxAge,
  requireAuthTime,
  requireSecondFactor,
  claimsInIdToken,
  userinfoAlg,
}: ClientSignInShown): SignInFilled => ({
  optional_scopes: optionalScopes.join('\n'),
  ask_again: defaultMaxAge === null ? '' : String(defaultMaxAge),
  auth_time: requireAuthTime ? 'on' : '',
  second_factor: requireSecondFactor ? 'on' : '',
  only_userinfo: claimsInIdToken ? '' : 'on',
  userinfo_alg: userinfoAlg ?? '',
});

/** Whether any of the settings differs from its default, or has a problem. */
export const hasSignIn = (
  signIn: ClientSignInShown,
  problems: Problems<SignInField> | undefined,
): boolean =>
  Object.values(signInValues(signIn)).some((value) => value !== '') ||
  signInFieldNames.some((name) => problems?.[name]);

/** What a viewer who cannot change it reads. */
export const signInFacts = ({
  optionalScopes,
  defaultMaxAge,
  requireAuthTime,
  requireSecondFactor,
  claimsInIdToken,
  userinfoAlg,
}: ClientSignInShown): [string, Html | string][] => [
  ...(optionalScopes.length > 0
    ? [['Optional scopes', html`<bdi>${optionalScopes.join(', ')}</bdi>`] as [string, Html]]
    : []),
  ...(defaultMaxAge
    ? [['Password', `Asked for again after ${duration(defaultMaxAge)}`] as [string, string]]
    : []),
  ...(requireSecondFactor ? [['Second factor', 'Required'] as [string, string]] : []),
  ...(requireAuthTime ? [['Time of the sign-in', 'Always in ID tokens'] as [string, string]] : []),
  ...(claimsInIdToken ? [] : [['Claims', 'Only at the userinfo endpoint'] as [string, string]]),
  ...(userinfoAlg ? [['Userinfo', userinfoNames[userinfoAlg]] as [string, string]] : []),
];
