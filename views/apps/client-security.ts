import { html } from 'hono/html';
import { type ClientKind, hasRedirectUris, isConfidentialKind } from '../components/app.ts';
import { checkboxes, textarea } from '../components/controls.ts';
import type { Problems } from '../components/field.ts';
import type { Html } from '../layout/frame.ts';

/** What makes a client strict. */
export interface ClientSecurityShown {
  profile: 'fapi2' | null;
  /** A JWK Set; null for a client with secrets. */
  jwks: object | null;
  requirePushedRequests: boolean;
  dpopBound: boolean;
}

export type SecurityField = 'profile' | 'jwks' | 'require_pushed' | 'dpop_bound';

/** The values of the fields; `on` for a box that is ticked. */
export type SecurityFilled = Partial<Record<SecurityField, string | undefined>>;

export const securityFieldNames: SecurityField[] = [
  'profile',
  'jwks',
  'require_pushed',
  'dpop_bound',
];

/** Whether clients of the kind can authenticate with keys. */
const canHaveKeys = isConfidentialKind;

/** The fields of a client's security. `of` gives what a field needs. */
export function securityFields(
  kind: ClientKind,
  values: SecurityFilled,
  of: (name: SecurityField) => { name: string; problem?: string | undefined },
): Html {
  const isOn = (name: SecurityField) => values[name] === 'on';
  return html`${
    canHaveKeys(kind) &&
    html`${checkboxes({
      id: 'profile',
      legend: 'Security profile',
      boxes: [
        {
          name: 'profile',
          label: 'FAPI 2',
          description:
            'For banking and other sensitive data. Needs the public keys of the client, and sets the rest. ID tokens are signed with ES256. Choosing it revokes all tokens of the client.',
          checked: isOn('profile'),
        },
      ],
      problem: of('profile').problem,
    })}
    ${textarea({
      ...of('jwks'),
      label: html`Public keys <span class="optional">optional</span>`,
      rows: 4,
      optional: true,
      value: values.jwks,
      placeholder: '{"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": "one"}]}',
      hint: 'A JWK Set. The client then authenticates with its private key (private_key_jwt), and its secrets no longer work.',
    })}`
  }
  ${checkboxes({
    id: 'require_pushed',
    legend: 'Requests',
    boxes: [
      ...(hasRedirectUris(kind)
        ? [
            {
              name: 'require_pushed',
              label: 'Sign-ins must be pushed',
              description:
                'The program sends each request to this server before it redirects the browser (RFC 9126).',
              checked: isOn('require_pushed'),
            },
          ]
        : []),
      {
        name: 'dpop_bound',
        label: 'Tokens are bound to a key',
        description:
          'Each token request needs a DPoP proof (RFC 9449), and so does each call of an API. Choosing it revokes all tokens of the client.',
        checked: isOn('dpop_bound'),
      },
    ],
    problem: of('require_pushed').problem ?? of('dpop_bound').problem,
  })}`;
}

/** The values of a client. */
export const securityValues = ({
  profile,
  jwks,
  requirePushedRequests,
  dpopBound,
}: ClientSecurityShown): SecurityFilled => ({
  profile: profile ? 'on' : '',
  jwks: jwks ? JSON.stringify(jwks, null, 2) : '',
  require_pushed: requirePushedRequests ? 'on' : '',
  dpop_bound: dpopBound ? 'on' : '',
});

/** Whether any of the settings differs from its default, or has a problem. */
export const hasSecurity = (
  security: ClientSecurityShown,
  problems: Problems<SecurityField> | undefined,
): boolean =>
  security.jwks !== null ||
  security.requirePushedRequests ||
  security.dpopBound ||
  securityFieldNames.some((name) => problems?.[name]);

/** What a viewer who cannot change it reads. */
export const securityFacts = ({
  profile,
  jwks,
  requirePushedRequests,
  dpopBound,
}: ClientSecurityShown): [string, string][] => [
  ...(profile ? [['Security profile', 'FAPI 2'] as [string, string]] : []),
  ...(jwks ? [['Authentication', 'With its keys'] as [string, string]] : []),
  ...(requirePushedRequests ? [['Sign-ins', 'Must be pushed'] as [string, string]] : []),
  ...(dpopBound ? [['Tokens', 'Bound to a key'] as [string, string]] : []),
];
