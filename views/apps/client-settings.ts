import { html } from 'hono/html';
import {
  type AppShown,
  type ClientShown,
  clientPath,
  hasRedirectUris,
  isConfidentialKind,
  type RoleChoice,
  redirectUriExamples,
  roleOptions,
  signsPeopleIn,
} from '../components/app.ts';
import { checkboxes, select, textarea } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { lifetimeField, lifetimeParts } from '../components/lifetime.ts';
import type { Frame, Html } from '../layout/frame.ts';

import {
  type AgentField,
  type AgentFilled,
  type AgentSettingsShown,
  agentFieldNames,
  agentLimitFields,
  agentValues,
  hasLimits,
  ownerField,
  purposeField,
} from './client-agent.ts';
import {
  type ClientSecurityShown,
  hasSecurity,
  type SecurityField,
  type SecurityFilled,
  securityFieldNames,
  securityFields,
  securityValues,
} from './client-security.ts';
import {
  type ClientSignInShown,
  hasSignIn,
  type SignInField,
  type SignInFilled,
  signInFieldNames,
  signInFields,
  signInValues,
} from './client-sign-in.ts';

type IdTokenAlg = 'RS256' | 'ES256' | 'EdDSA';

/** The settings of a client. */
export interface ClientSettingsShown extends ClientShown {
  redirectUris: string[];
  /** Null for a server, which gets no ID tokens. */
  idTokenAlg: IdTokenAlg | null;
  /** Seconds; null if the API decides. */
  accessTokenTtl: number | null;
  /** Null if the API decides. */
  accessTokenFormat: 'opaque' | 'jwt' | null;
  /** Calls in a month; null for no limit. */
  apiCallsLimit: number | null;
  /** Bytes of responses in a month; null for no limit. */
  apiTrafficLimit: number | null;
  allowAnonymous: boolean;
  /** Where people sign out of it and open it. */
  urls: {
    postLogoutRedirectUris: string[];
    backchannelLogoutUri: string | null;
    frontchannelLogoutUri: string | null;
    initiateLoginUri: string | null;
  };
  security: ClientSecurityShown;
  signIn: ClientSignInShown;
  /** Whether it can exchange tokens. */
  tokenExchange: boolean;
  /** Null for other kinds than agents. */
  agent: AgentSettingsShown | null;
  /** Whether an administrator decided that people are not asked to allow it. */
  firstParty: boolean;
  createdAt: Date;
}

export type ClientField =
  | AgentField
  | 'token_exchange'
  | SecurityField
  | SignInField
  | 'display_name'
  | 'role'
  | 'redirect_uris'
  | 'id_token_alg'
  | 'lifetime'
  | 'token_format'
  | 'calls_limit'
  | 'traffic_limit'
  | UrlField;

type UrlField = 'post_logout_uris' | 'backchannel_uri' | 'frontchannel_uri' | 'initiate_uri';

export interface ClientSettingsProps {
  app: AppShown;
  client: ClientSettingsShown;
  /** The roles that the viewer can give, and the one that the client has. */
  roles: RoleChoice[];
  /** What the APIs that are open to apps allow; empty if none is open. */
  tokenFormats: ('opaque' | 'jwt')[];
  /** The members of the app, of whom one answers for an agent. */
  members: { accountId: string; name: string }[];
  /** Seconds; null if there is no maximum. */
  longestAccessTokenTtl: number | null;
  values?: ClientSettingsFilled | undefined;
  problems?: Problems<ClientField> | undefined;
}

/** The values of the form. */
export interface ClientSettingsFilled extends SecurityFilled, SignInFilled, AgentFilled {
  /** `on` if it is ticked. */
  token_exchange?: string | undefined;
  display_name?: string | undefined;
  role?: string | undefined;
  redirect_uris?: string | undefined;
  id_token_alg?: string | undefined;
  /** A number of units; empty if the API decides. */
  lifetime?: string | undefined;
  /** Seconds of a unit: 60, 3600 or 86400. */
  lifetime_unit?: string | undefined;
  /** `opaque`, `jwt`, or empty if the API decides. */
  token_format?: string | undefined;
  /** Numbers, or empty for no limit. */
  calls_limit?: string | undefined;
  traffic_limit?: string | undefined;
  /** `on` if it is ticked. */
  allow_anonymous?: string | undefined;
  post_logout_uris?: string | undefined;
  backchannel_uri?: string | undefined;
  frontchannel_uri?: string | undefined;
  initiate_uri?: string | undefined;
}

export const formatNames = {
  opaque: 'Opaque: the API asks this server about each token',
  jwt: 'JWT: the API can verify a token by itself',
};

const idTokenAlgNames: Record<IdTokenAlg, string> = {
  RS256: 'RS256, which every library supports',
  ES256: 'ES256, which is shorter',
  EdDSA: 'EdDSA, which is shorter and which some libraries lack',
};

const advanced: ClientField[] = [
  'id_token_alg',
  'lifetime',
  'token_format',
  'calls_limit',
  'traffic_limit',
];

const urlFields: UrlField[] = [
  'post_logout_uris',
  'backchannel_uri',
  'frontchannel_uri',
  'initiate_uri',
];

/** The form with the settings of a client. */
export function clientSettings(frame: Frame, props: ClientSettingsProps): Html {
  const { app, client, roles, members, problems } = props;
  const values = { ...valuesOf(client), ...props.values };
  const of = fieldsOf<ClientField>({
    order: [
      'display_name',
      ...agentFieldNames,
      'role',
      'redirect_uris',
      ...signInFieldNames,
      ...urlFields,
      ...advanced,
      ...securityFieldNames,
    ],
    values,
    problems,
    focusFirst: false,
  });
  const isOpen = advanced.some((name) => problems?.[name]) || hasAdvanced(client);
  const hasUrls =
    urlFields.some((name) => problems?.[name]) ||
    Object.values(client.urls).some((url) => url?.length);
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${postForm(
      frame,
      clientPath(app, client, '/settings'),
      html`${field({ ...of('display_name'), label: 'Display name' })}
      ${
        client.agent &&
        html`${purposeField(of)}
        ${ownerField(
          of,
          members.map(({ accountId, name }) => ({ value: accountId, label: name })),
        )}`
      }
      ${select({
        ...of('role'),
        label: 'Role',
        options: roleOptions(roles),
        hint: 'What the client can do. A change applies at once, also to tokens that were already issued.',
      })}
      ${
        hasRedirectUris(client.kind) &&
        textarea({
          ...of('redirect_uris'),
          label: 'Redirect URIs, one per line',
          rows: Math.min(8, Math.max(3, client.redirectUris.length + 1)),
          placeholder: redirectUriExamples[client.kind],
          hint: 'Where the browser returns after a sign-in.',
        })
      }
      ${
        signsPeopleIn(client.kind) &&
        html`<details class="advanced"${hasSignIn(client.signIn, problems) && html` open`}><summary>Sign-in</summary>
        <div class="advanced-body">${signInFields(client.kind, values, of)}</div>
      </details>`
      }
      ${
        hasRedirectUris(client.kind) &&
        html`<details class="advanced"${hasUrls && html` open`}><summary>Signing out, and opening it</summary>
        <div class="advanced-body">${urlsOf(of)}</div>
      </details>`
      }
      ${
        client.agent &&
        html`<details class="advanced"${hasLimits(client.agent, problems) && html` open`}><summary>Limits of the agent</summary>
        <div class="advanced-body">${agentLimitFields(of)}</div>
      </details>`
      }
      <details class="advanced"${isOpen && html` open`}><summary>Tokens and limits</summary>
        <div class="advanced-body">${advancedFields(props, values, of)}</div>
      </details>
      ${isConfidentialKind(client.kind) && exchangeField(props, values)}
      <details class="advanced"${hasSecurity(client.security, problems) && html` open`}><summary>Security</summary>
        <div class="advanced-body">${securityFields(client.kind, values, of)}</div>
      </details>
      <button type="submit">Save</button>`,
      { noValidate: true },
    )}
  </section>`;
}

/** Only an Owner lets a client exchange tokens; others see whether it can, and can end that. */
function exchangeField(
  { app, client, problems }: ClientSettingsProps,
  values: ClientSettingsFilled,
): Html | '' {
  if (app.manages !== 'app' && !client.tokenExchange) return '';
  return checkboxes({
    id: 'token_exchange',
    legend: 'Acting for people',
    boxes: [
      {
        name: 'token_exchange',
        label: 'It can exchange tokens of this app’s clients',
        description:
          'With a token of a person that another client of this app was given, it gets one of its own, with at most the same access (RFC 8693). People see that it acts for them, and can end it.',
        checked: values.token_exchange === 'on',
      },
    ],
    problem: problems?.token_exchange,
  });
}

function urlsOf(of: ReturnType<typeof fieldsOf<ClientField>>): Html {
  const url = { optional: true, maxLength: 2_000, attributes: html`inputmode="url"` };
  return html`${textarea({
    ...of('post_logout_uris'),
    label: 'Post-logout redirect URIs, one per line',
    rows: 3,
    hint: 'Where the browser can return after a person signed out (RP-initiated logout).',
  })}
  ${field({
    ...of('backchannel_uri'),
    ...url,
    label: html`Back-channel logout URL <span class="optional">optional</span>`,
    hint: 'It gets a logout token when the session of a person ends.',
  })}
  ${field({
    ...of('frontchannel_uri'),
    ...url,
    label: html`Front-channel logout URL <span class="optional">optional</span>`,
    hint: 'The browser loads it in a hidden frame when a person signs out. It has the host of a redirect URI.',
  })}
  ${field({
    ...of('initiate_uri'),
    ...url,
    label: html`Login URL <span class="optional">optional</span>`,
    hint: 'Opens the app from the page Connected of its people, and starts a login.',
  })}`;
}

function advancedFields(
  { client, tokenFormats, longestAccessTokenTtl }: ClientSettingsProps,
  values: ClientSettingsFilled,
  of: ReturnType<typeof fieldsOf<ClientField>>,
): Html {
  const number = { optional: true, maxLength: 15, attributes: html`inputmode="numeric"` };
  return html`${
    client.idTokenAlg &&
    select({
      ...of('id_token_alg'),
      label: 'Signing algorithm of ID tokens',
      options: Object.entries(idTokenAlgNames).map(([value, label]) => ({ value, label })),
      hint: 'Your program must expect the same one.',
    })
  }
  ${lifetimeField({
    ...of('lifetime'),
    value: values.lifetime ?? '',
    unit: values.lifetime_unit ?? '86400',
    longest: longestAccessTokenTtl,
  })}
  ${
    tokenFormats.length > 0 &&
    select({
      ...of('token_format'),
      label: 'Format of access tokens',
      options: [
        { value: '', label: 'Default of the API' },
        ...tokenFormats.map((format) => ({ value: format, label: formatNames[format] })),
      ],
      hint: 'An API that verifies a JWT by itself does not notice that it was revoked. Give JWTs a short lifetime, such as one hour.',
    })
  }
  ${field({
    ...of('calls_limit'),
    ...number,
    label: html`API calls per month <span class="optional">optional</span>`,
    hint: 'Above this number, APIs refuse the client until the next month.',
  })}
  ${field({
    ...of('traffic_limit'),
    ...number,
    label: html`API traffic per month, in bytes <span class="optional">optional</span>`,
    hint: 'The size of the responses.',
  })}
  ${checkboxes({
    legend: 'Requests without credentials',
    boxes: [
      {
        name: 'allow_anonymous',
        label: 'Treat them as requests of this client',
        description: 'Everyone can then do what its role allows.',
        checked: values.allow_anonymous === 'on',
      },
    ],
  })}`;
}

function valuesOf(client: ClientSettingsShown): ClientSettingsFilled {
  const [lifetime, lifetime_unit] = lifetimeParts(client.accessTokenTtl);
  return {
    display_name: client.displayName,
    role: client.role,
    redirect_uris: client.redirectUris.join('\n'),
    id_token_alg: client.idTokenAlg ?? undefined,
    lifetime,
    lifetime_unit,
    token_format: client.accessTokenFormat ?? '',
    calls_limit: textOf(client.apiCallsLimit),
    traffic_limit: textOf(client.apiTrafficLimit),
    allow_anonymous: client.allowAnonymous ? 'on' : '',
    post_logout_uris: client.urls.postLogoutRedirectUris.join('\n'),
    backchannel_uri: client.urls.backchannelLogoutUri ?? '',
    frontchannel_uri: client.urls.frontchannelLogoutUri ?? '',
    initiate_uri: client.urls.initiateLoginUri ?? '',
    token_exchange: client.tokenExchange ? 'on' : '',
    ...agentValues(client.agent),
    ...signInValues(client.signIn),
    ...securityValues(client.security),
  };
}

const textOf = (limit: number | null): string => (limit === null ? '' : String(limit));

/** Whether any of the folded settings differs from its default. */
const hasAdvanced = (client: ClientSettingsShown): boolean =>
  client.allowAnonymous ||
  (client.idTokenAlg ?? 'RS256') !== 'RS256' ||
  [
    client.accessTokenTtl,
    client.accessTokenFormat,
    client.apiCallsLimit,
    client.apiTrafficLimit,
  ].some((value) => value !== null);
