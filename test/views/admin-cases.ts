// The pages of the console.
import { apiScopes } from '../../config/scopes.ts';
import { sectionsFor } from '../../src/web/admin/sections.ts';
import {
  type IssuerShown,
  trustedIssuer,
  trustedIssuerNew,
  trustedIssuers,
} from '../../views/admin/trusted-issuers.ts';
import {
  ada,
  ago,
  at,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  minute,
  one,
  unbroken,
  worst,
} from './case.ts';

const all = new Set(Object.keys(apiScopes));
/** The console, for an administrator. */
export const here = at('admin', {
  person: { ...ada, apiScopes: all, sections: sectionsFor(all) },
});

const cluster: IssuerShown = {
  id: 'cluster',
  name: 'Production cluster',
  issuer: 'https://kubernetes.default.svc.cluster.local',
  jwksUri: null,
  hasPastedKeys: true,
  algorithms: ['RS256', 'ES256'],
  audiences: [],
  uses: ['workload_identity', 'token_exchange'],
  rules: [
    {
      name: 'backend',
      claims: { sub: ['system:serviceaccount:prod:api', 'system:serviceaccount:prod:worker'] },
      client: 'backend',
      scopes: null,
      roles: ['reader'],
      enabled: true,
    },
    {
      name: 'deploy',
      claims: { repository: ['acme/api'], ref: ['refs/heads/main'] },
      client: 'deploy',
      scopes: ['things:write'],
      roles: null,
      enabled: false,
    },
  ],
  maxAge: 3_600,
  tokenLifetime: 3_600,
  singleUse: false,
  privateNetwork: true,
  enabled: true,
  createdAt: ago(40 * day),
};

const github: IssuerShown = {
  ...cluster,
  id: 'github',
  name: 'GitHub Actions',
  issuer: 'https://token.actions.githubusercontent.com',
  hasPastedKeys: false,
  rules: [],
  singleUse: true,
  privateNetwork: false,
  enabled: false,
};

const presets = [
  { id: 'kubernetes', name: 'Kubernetes' },
  { id: 'github', name: 'GitHub Actions' },
];

const read = { count: 2, fetchedAt: ago(5 * minute), failure: null };

export const adminCases: Case[] = [
  everyday('admin-issuers', (brand) =>
    trustedIssuers(frame(brand, here), { issuers: [cluster, github] }),
  ),
  one('admin-issuers-empty', (brand) => trustedIssuers(frame(brand, here), { issuers: [] })),
  everyday('admin-issuer-new', (brand) => trustedIssuerNew(frame(brand, here), { presets })),
  everyday('admin-issuer', (brand) =>
    trustedIssuer(frame(brand, here), {
      issuer: cluster,
      keys: { count: 2, fetchedAt: null, failure: null },
    }),
  ),
  everyday('admin-issuer-tried', (brand) =>
    trustedIssuer(frame(brand, here), {
      issuer: cluster,
      keys: read,
      findings: [{ status: 'ok', message: 'The keys were read. There are 2.' }],
      trial: {
        problem: null,
        subject: 'system:serviceaccount:prod:api',
        client: 'backend',
        rule: cluster.rules[0],
        others: [
          { name: 'deploy', enabled: true, mismatches: [{ claim: 'repository', found: [] }] },
        ],
      },
    }),
  ),
  one('admin-issuer-exchanged', (brand) =>
    trustedIssuer(frame(brand, here), {
      issuer: { ...cluster, uses: ['token_exchange'] },
      keys: read,
    }),
  ),
  one('admin-issuer-without-rules', (brand) =>
    trustedIssuer(frame(brand, here), {
      issuer: { ...cluster, uses: ['software_statements'], rules: [] },
      keys: read,
    }),
  ),
  one('admin-issuer-refused', (brand) =>
    trustedIssuer(frame(brand, here), {
      issuer: github,
      keys: { count: null, fetchedAt: null, failure: 'The keys of github cannot be read.' },
      trial: {
        problem: 'It has expired.',
        subject: null,
        client: null,
        rule: undefined,
        others: [],
      },
      problems: { token: 'Paste a token.' },
      values: { rule_name: 'x', claims: 'nothing' },
      problem: 'The line “nothing” is not CLAIM=PATTERN.',
    }),
  ),
  one('admin-issuer-extreme', (brand) =>
    trustedIssuer(frame(worst(brand), here), {
      issuer: {
        ...cluster,
        name: `${hostile} ${unbroken}`,
        issuer: `https://${unbroken}`,
        audiences: [unbroken, hostile],
        rules: [
          {
            name: `${hostile} ${unbroken}`,
            claims: { [unbroken]: [hostile, unbroken] },
            client: unbroken,
            scopes: [unbroken],
            roles: [hostile],
            enabled: false,
          },
        ],
      },
      keys: { ...read, failure: `${hostile} ${unbroken}` },
      problem: `${hostile} ${unbroken}`,
    }),
  ),
];
