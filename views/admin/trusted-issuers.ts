import { html } from 'hono/html';
import { disabledBadge } from '../components/badge.ts';
import { select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { shieldIcon } from '../components/icons.ts';
import { information, warning } from '../components/notice.ts';
import { ago, duration, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminPage } from './shell.ts';

/** A rule: which tokens of the issuer authenticate which client. */
export interface RuleShown {
  name: string;
  claims: Record<string, string[]>;
  client: string;
  /** Null for all that the client has. */
  scopes: string[] | null;
  roles: string[] | null;
  enabled: boolean;
}

export interface IssuerShown {
  id: string;
  name: string;
  issuer: string;
  jwksUri: string | null;
  /** Whether its keys were pasted. */
  hasPastedKeys: boolean;
  algorithms: string[];
  /** Empty: this server. */
  audiences: string[];
  uses: string[];
  rules: RuleShown[];
  /** Seconds. */
  maxAge: number;
  tokenLifetime: number;
  singleUse: boolean;
  privateNetwork: boolean;
  enabled: boolean;
  createdAt: Date;
}

const pathOf = (id: string, rest = ''): string =>
  `/admin/trusted-issuers/${encodeURIComponent(id)}${rest}`;

const useNames: Record<string, string> = {
  workload_identity: 'Programs authenticate with its tokens',
  token_exchange: 'Its tokens are exchanged',
  id_jag: 'It grants access for people (ID-JAG)',
  software_statements: 'It vouches for clients that register',
};

const authenticates = ({ uses }: IssuerShown): boolean => uses.includes('workload_identity');

/** Whether rules say which client a token stands for; other uses have none. */
const usesRules = (issuer: IssuerShown): boolean =>
  authenticates(issuer) || issuer.uses.includes('token_exchange');

const numberOfRules = (rules: number): string => (rules === 1 ? 'one rule' : `${rules} rules`);

/** The trusted issuers of the installation. */
export function trustedIssuers(frame: Frame, { issuers }: { issuers: IssuerShown[] }): Html {
  return adminPage(frame, {
    section: 'trusted-issuers',
    title: 'Trusted issuers',
    lead: 'This server accepts tokens of these issuers.',
    actions: html`<a class="button" href="/admin/trusted-issuers/new">Trust an issuer</a>`,
    body:
      issuers.length === 0
        ? html`<section class="panel empty" aria-labelledby="none">
            <div class="glyph">${shieldIcon}</div>
            <h2 id="none">No issuer is trusted yet</h2>
            <p>Kubernetes, GitHub Actions, GitLab and clouds give programs tokens that say who they are. Trust one of them, and its programs get tokens without a stored secret.</p>
          </section>`
        : html`<section class="panel" aria-label="Trusted issuers"><ul class="rows">${issuers.map(
            (
              issuer,
            ) => html`<li><div class="row-head"><div class="glyph">${shieldIcon}</div><div class="row-name">
              <h2><a href="${pathOf(issuer.id)}"><bdi>${issuer.name}</bdi></a>${!issuer.enabled && html` ${disabledBadge}`}</h2>
              <p class="sub"><bdi>${issuer.issuer}</bdi>${usesRules(issuer) && ` · ${numberOfRules(issuer.rules.length)}`}</p>
            </div></div></li>`,
          )}</ul></section>`,
  });
}

export type IssuerField =
  | 'preset'
  | 'id'
  | 'name'
  | 'issuer'
  | 'tenant'
  | 'jwks_uri'
  | 'jwks'
  | 'audiences';

export interface IssuerNewProps {
  presets: { id: string; name: string }[];
  values?: Partial<Record<IssuerField | 'private_network', string | undefined>> | undefined;
  problems?: Problems<IssuerField> | undefined;
  problem?: string | undefined;
}

const optional = html`<span class="optional">optional</span>`;

/** The form that trusts an issuer. */
export function trustedIssuerNew(frame: Frame, props: IssuerNewProps): Html {
  const { presets, values, problems } = props;
  const of = fieldsOf<IssuerField>({
    order: ['preset', 'id', 'name', 'issuer', 'tenant', 'jwks_uri', 'jwks', 'audiences'],
    values,
    problems,
    focusFirst: false,
  });
  const url = { optional: true, maxLength: 500, attributes: html`inputmode="url"` };
  return adminPage(frame, {
    section: 'trusted-issuers',
    trail: [],
    title: 'Trust an issuer',
    lead: 'Its tokens are accepted at once. Rules, which you add next, say which client a token stands for.',
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-label="The issuer">${postForm(
      frame,
      '/admin/trusted-issuers',
      html`${select({
        ...of('preset'),
        label: 'Kind',
        options: [
          { value: '', label: 'None of these' },
          ...presets.map(({ id, name }) => ({ value: id, label: name })),
        ],
        hint: 'Fills in the issuer and its settings. Values that you enter below replace them.',
      })}
      ${field({
        ...of('id'),
        label: 'ID',
        maxLength: 40,
        hint: 'Lowercase letters, digits and hyphens, such as production-cluster. It cannot be changed later.',
        attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
      })}
      ${field({ ...of('name'), label: html`Name ${optional}`, optional: true, maxLength: 60 })}
      ${field({
        ...of('issuer'),
        ...url,
        label: html`Issuer ${optional}`,
        hint: 'The iss of its tokens. Kubernetes, AWS and issuers of another kind need it.',
      })}
      ${field({
        ...of('tenant'),
        label: html`Tenant ${optional}`,
        optional: true,
        maxLength: 100,
        hint: 'The ID of your Microsoft Entra tenant.',
      })}
      ${field({
        ...of('jwks_uri'),
        ...url,
        label: html`URL of its keys ${optional}`,
        hint: 'Default: where its discovery document says.',
      })}
      ${textarea({
        ...of('jwks'),
        label: html`Its public keys ${optional}`,
        rows: 4,
        optional: true,
        placeholder: '{"keys": […]}',
        hint: 'A JWK Set, for an issuer that this server cannot reach.',
      })}
      ${textarea({
        ...of('audiences'),
        label: html`Audiences, one per line ${optional}`,
        rows: 2,
        optional: true,
        hint: 'The aud that its tokens must have. Default: the address of this server.',
      })}
      <div class="checks"><label><input type="checkbox" name="private_network"${values?.private_network === 'on' && html` checked`}><span>It is in a private network, or on this machine</span></label></div>
      <div class="form-end"><button type="submit">Trust it</button><a class="button plain" href="/admin/trusted-issuers">Cancel</a></div>`,
      { noValidate: true },
    )}</section>`,
  });
}

export type RuleField = 'rule_name' | 'claims' | 'client' | 'scopes' | 'roles';

/** What would become of a token that was pasted. */
export interface TrialShown {
  problem: string | null;
  subject: string | null;
  client: string | null;
  /** The rule that decides. */
  rule: RuleShown | undefined;
  /** Why each other rule does not match. */
  others: { name: string; enabled: boolean; mismatches: { claim: string; found: string[] }[] }[];
}

export interface TrustedIssuerProps {
  issuer: IssuerShown;
  /** What this process knows of its keys. */
  keys: { count: number | null; fetchedAt: Date | null; failure: string | null };
  /** What reading its keys now found. */
  findings?: { status: 'ok' | 'warning' | 'failed'; message: string }[] | undefined;
  trial?: TrialShown | undefined;
  values?: Partial<Record<RuleField, string | undefined>> | undefined;
  problems?: Problems<RuleField | 'token'> | undefined;
  problem?: string | undefined;
}

/** One trusted issuer: its keys, its rules, a trial, and the ways to end it. */
export function trustedIssuer(frame: Frame, props: TrustedIssuerProps): Html {
  const { issuer } = props;
  return adminPage(frame, {
    section: 'trusted-issuers',
    trail: [],
    title: issuer.name,
    heading: html`<bdi>${issuer.name}</bdi>${!issuer.enabled && html` ${disabledBadge}`}`,
    lead: html`<bdi>${issuer.issuer}</bdi>`,
    problem: props.problem,
    problems: props.problems,
    body: html`${
      !issuer.enabled &&
      warning(
        html`<p><strong>This issuer is disabled.</strong> Its tokens are not accepted, and those that were issued for them have ended.</p>`,
      )
    }
    ${props.trial && trialResult(props.trial)}
    ${settings(frame, issuer)}
    ${keysPanel(frame, props)}
    ${usesRules(issuer) && html`${rules(frame, props)}${ruleForm(frame, props)}${tryForm(frame, props)}`}
    ${endings(frame, issuer)}`,
  });
}

const stack = (lines: (Html | string)[]): Html =>
  html`<span class="stack">${lines.map((line) => html`<span><bdi>${line}</bdi></span>`)}</span>`;

function settings({ now }: Frame, issuer: IssuerShown): Html {
  return html`<section class="panel" aria-labelledby="settings"><h2 id="settings">Settings</h2>
    ${facts([
      ['ID', html`<code><bdi>${issuer.id}</bdi></code>`],
      ['Used for', stack(issuer.uses.map((use) => useNames[use] ?? use))],
      ['Audience', issuer.audiences.length > 0 ? stack(issuer.audiences) : 'This server'],
      ['Algorithms', issuer.algorithms.join(', ')],
      [
        'Accepted',
        `Until it expires, and at most ${duration(issuer.maxAge)} after it was issued${issuer.singleUse ? '; once' : ''}`,
      ],
      ['Lifetime', `Tokens of this server live at most ${duration(issuer.tokenLifetime)}`],
      ...(issuer.privateNetwork ? [['Network', 'Private'] as [string, string]] : []),
      ['Created', momentFromNow(issuer.createdAt, now)],
    ])}
    <p class="sub">Change them with <code>writ issuers update <bdi>${issuer.id}</bdi></code>.</p>
  </section>`;
}

function keysPanel(frame: Frame, { issuer, keys, findings }: TrustedIssuerProps): Html {
  const source = issuer.hasPastedKeys
    ? 'They were pasted, and change only when you replace them.'
    : html`They are fetched from ${issuer.jwksUri ? html`<bdi>${issuer.jwksUri}</bdi>` : 'where its discovery document says'}.`;
  return html`<section class="panel" aria-labelledby="keys"><h2 id="keys">Keys</h2>
    <p class="sub">${source}</p>
    ${keys.failure !== null && warning(html`<p><bdi>${keys.failure}</bdi></p>`)}
    ${facts([
      ...(keys.count === null ? [] : [['Number', String(keys.count)] as [string, string]]),
      [
        'Last read',
        keys.fetchedAt
          ? ago(keys.fetchedAt, frame.now)
          : issuer.hasPastedKeys
            ? 'Not needed'
            : 'Not yet by this process',
      ],
    ])}
    ${findings?.map(({ status, message }) =>
      (status === 'ok' ? information : warning)(html`<p><bdi>${message}</bdi></p>`),
    )}
    ${postForm(frame, pathOf(issuer.id, '/check'), html`<button type="submit" class="plain">Read the keys now</button>`)}
  </section>`;
}

function rules(frame: Frame, { issuer }: TrustedIssuerProps): Html {
  return html`<section class="panel" aria-labelledby="rules"><h2 id="rules">Rules</h2>
    <p class="sub">The first rule whose claims all match says which client a token stands for.</p>
    ${
      issuer.rules.length === 0
        ? html`<p>There is none, so ${authenticates(issuer) ? 'no program can authenticate with its tokens' : 'its tokens cannot be exchanged'}.</p>`
        : html`<ul class="rows folds">${issuer.rules.map(
            (rule) => html`<li class="folding"><div class="row-head"><div class="row-name">
        <h3><bdi>${rule.name}</bdi>${!rule.enabled && html` ${disabledBadge}`}</h3>
        <p class="sub">Client <code><bdi>${rule.client}</bdi></code>${rule.scopes && html` · scopes <bdi>${rule.scopes.join(' ') || 'none'}</bdi>`}${rule.roles && html` · roles <bdi>${rule.roles.join(', ') || 'none'}</bdi>`}</p>
        <p class="sub">${stack(Object.entries(rule.claims).map(([claim, patterns]) => html`<code>${claim} = ${patterns.join(' or ')}</code>`))}</p>
      </div></div>${dangerous(
        html`Delete<span class="visually-hidden"> <bdi>${rule.name}</bdi></span>…`,
        html`${authenticates(issuer) && html`<p>All access and refresh tokens of the client <bdi>${rule.client}</bdi> are revoked now, however it got them.</p>`}
        ${issuer.uses.includes('token_exchange') && html`<p>All tokens that were exchanged for tokens of this issuer are revoked now, those of its other rules too.</p>`}
        ${postForm(
          frame,
          pathOf(issuer.id, '/rules/delete'),
          html`<input type="hidden" name="rule" value="${rule.name}"><button type="submit" class="danger">Delete the rule</button>`,
        )}`,
      )}</li>`,
          )}</ul>`
    }
  </section>`;
}

function ruleForm(frame: Frame, { issuer, values, problems }: TrustedIssuerProps): Html {
  const of = fieldsOf<RuleField>({
    order: ['rule_name', 'claims', 'client', 'scopes', 'roles'],
    values,
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="add"><h2 id="add">Add a rule</h2>
    ${postForm(
      frame,
      pathOf(issuer.id, '/rules'),
      html`${field({ ...of('rule_name'), label: 'Name of the rule', maxLength: 60 })}
      ${textarea({
        ...of('claims'),
        label: 'Claims, one per line',
        rows: 3,
        placeholder: 'sub=system:serviceaccount:prod:*',
        hint: '* stands for anything but : and /, ** for anything. A claim that is named twice must match one of its patterns.',
      })}
      ${field({ ...of('client'), label: 'Client', maxLength: 200, hint: 'The ID of the client that a matching token stands for.', attributes: html`class="mono" autocapitalize="none" spellcheck="false"` })}
      ${field({ ...of('scopes'), label: html`Scopes ${optional}`, optional: true, hint: 'Separated by spaces. Default: all that the client can have.' })}
      ${field({ ...of('roles'), label: html`Roles ${optional}`, optional: true, hint: 'Separated by spaces. Default: all that the client has.' })}
      <button type="submit">Add the rule</button>`,
      { noValidate: true },
    )}
  </section>`;
}

function tryForm(frame: Frame, { issuer, problems }: TrustedIssuerProps): Html {
  return html`<section class="panel" aria-labelledby="try"><h2 id="try">Try a token</h2>
    <p class="sub">Paste a token of this issuer to see what it would stand for. It is neither stored nor used up.</p>
    ${postForm(
      frame,
      pathOf(issuer.id, '/try'),
      html`${textarea({ name: 'token', label: 'Token', rows: 4, problem: problems?.token })}
      <button type="submit" class="plain">Try it</button>`,
      { noValidate: true },
    )}
  </section>`;
}

function trialResult({ problem, subject, client, rule, others }: TrialShown): Html {
  const verdict =
    problem !== null
      ? warning(html`<p><strong>It is refused.</strong> <bdi>${problem}</bdi></p>`)
      : client === null
        ? warning(html`<p><strong>It is refused.</strong> No rule matches.</p>`)
        : information(
            html`<p><strong>It would be accepted</strong> as the client <bdi>${client}</bdi>.</p>`,
          );
  return html`<section class="panel" aria-labelledby="trial"><h2 id="trial">The token</h2>
    ${verdict}
    ${facts([
      ...(subject === null ? [] : [['Subject', html`<bdi>${subject}</bdi>`] as [string, Html]]),
      ...(rule && client !== null
        ? ([
            ['Rule', html`<bdi>${rule.name}</bdi>`],
            [
              'Scopes',
              rule.scopes ? rule.scopes.join(' ') || 'None' : 'All that the client can have',
            ],
            ['Roles', rule.roles ? rule.roles.join(', ') || 'None' : 'All that the client has'],
          ] as [string, Html | string][])
        : []),
    ])}
    ${
      others.length > 0 &&
      html`<ul>${others.map(
        ({ name, enabled, mismatches }) =>
          html`<li>The rule <bdi>${name}</bdi> ${!enabled ? 'is disabled' : mismatches.length === 0 ? (client === null ? 'matches' : 'matches as well') : html`does not match: ${mismatches.map(({ claim, found }, index) => html`${index > 0 && ', '}<bdi>${claim}</bdi> is <bdi>${found.join(', ') || 'missing'}</bdi>`)}`}.</li>`,
      )}</ul>`
    }
  </section>`;
}

function endings(frame: Frame, issuer: IssuerShown): Html {
  const name = html`<bdi>${issuer.name}</bdi>`;
  const ended = html`<ul class="ending">
    ${authenticates(issuer) && issuer.rules.length > 0 && html`<li>all access and refresh tokens of the clients of its rules, however they got them: ${[...new Set(issuer.rules.map(({ client }) => client))].map((client, index) => html`${index > 0 && ', '}<bdi>${client}</bdi>`)}</li>`}
    <li>all tokens that were issued for its tokens, also by token exchange</li>
  </ul>`;
  return dangerPanel(
    'endings',
    issuer.enabled ? 'Disable or delete' : 'Enable or delete',
    html`${
      issuer.enabled &&
      dangerous(
        html`End what was issued for its tokens…`,
        html`<p>The issuer stays trusted, so its programs can get new tokens. This ends now, on every server at once:</p>${ended}
        ${postForm(frame, pathOf(issuer.id, '/end-tokens'), html`<button type="submit" class="danger">End it all</button>`)}`,
      )
    }
    ${
      issuer.enabled
        ? dangerous(
            html`Disable ${name}…`,
            html`<p>Its tokens are no longer accepted. This ends now, on every server at once:</p>${ended}
            ${postForm(frame, pathOf(issuer.id, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
          )
        : html`<div class="panel-row"><p class="sub">If you enable it, its tokens are accepted again. What has ended stays ended.</p>
        ${postForm(frame, pathOf(issuer.id, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
    }
    ${dangerous(
      html`Delete ${name}…`,
      html`<p>The issuer and its rules are gone. This ends now, on every server at once:</p>${ended}
      ${postForm(frame, pathOf(issuer.id, '/delete'), html`<button type="submit" class="danger">Delete ${name}</button>`)}`,
    )}`,
  );
}
