import { readFileSync } from 'node:fs';
import * as path from 'node:path';

/** A test that shows that a requirement is met: its file, from the root of the project, and its name as it is written there. */
type Test = [file: string, name: string];

/** A requirement of a specification, and what Writ does about it: exactly one of the members after `requirement`. */
export interface Requirement {
  section: string;
  requirement: string;
  /** The tests that show it. */
  met?: Test[];
  /** What makes it so: it holds, and no test shows it. */
  untested?: string;
  /** Why it is not met. */
  notMet?: string;
  /** Why it does not apply. */
  notApplicable?: string;
}

/** A specification: one file in docs/standards/. */
export interface Specification {
  name: string;
  /** Empty if the name says it. */
  title: string;
  url: string;
  requirements: Requirement[];
}

/** The file of each specification, in the order of the page. */
const files = [
  'rfc6749',
  'rfc6750',
  'rfc7009',
  'rfc7523',
  'rfc7591',
  'rfc7592',
  'rfc7636',
  'rfc7662',
  'rfc8252',
  'rfc8414',
  'rfc8628',
  'rfc8693',
  'rfc8705',
  'rfc8707',
  'rfc9068',
  'rfc9126',
  'rfc9207',
  'rfc9396',
  'rfc9449',
  'rfc9470',
  'rfc9700',
  'rfc9728',
  'client-id-metadata-document',
  'identity-assertion-authz-grant',
  'openid-connect-core',
  'openid-connect-discovery',
  'initiating-user-registration',
  'form-post-response-mode',
  'fapi-2-security-profile',
  'rp-initiated-logout',
  'back-channel-logout',
  'front-channel-logout',
];

const folder = path.resolve(import.meta.dirname, '../docs/standards');

/** All specifications, in the order of the page. */
export const readSpecifications = (): Specification[] =>
  files.map((name) => JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')));

const statuses = {
  met: 'met',
  untested: 'met, not tested',
  notMet: 'not met',
  notApplicable: 'not applicable',
} as const;

type Status = keyof typeof statuses;

/** The status of a requirement, if it has exactly one. */
export function statusOf(requirement: Requirement): Status {
  const given = (Object.keys(statuses) as Status[]).filter((status) => requirement[status]?.length);
  const [status] = given;
  if (!status || given.length > 1)
    throw new Error(`${requirement.requirement}: needs exactly one of ${Object.keys(statuses)}`);
  return status;
}

/** docs/standards.md: each requirement of each specification, and the test that shows that it is met. */
export function standardsPage(): string {
  const specifications = readSpecifications();
  return `# Standards

What the specifications that Writ implements require of an authorization server (of an OpenID provider), and whether Writ does it: every MUST,
MUST NOT, SHALL and REQUIRED that is about a server, or about one of the endpoints that Writ has. Requirements on clients and on the
resource servers of others only are left out. The words are short ones; the specification has the exact ones.

| status | meaning |
|---|---|
| met | The linked test shows it, and fails if it is broken. |
| met, not tested | It is so, by the code or the engine that is named, and no test shows it. |
| not met | Writ does something else, for the reason that is given. |
| not applicable | Writ has nothing that the requirement is about. |

TLS is the task of the proxy in front of Writ ([operations.md](operations.md)). Writ refuses to start with an \`ISSUER\` in plain
\`http\` that others than this machine use; wherever a specification requires TLS, that is what the row is about.

## Profiles that Writ does not have

${profiles}

## Counts

| specification | ${Object.values(statuses).join(' | ')} |
|---|---|---|---|---|
${specifications.map(countsOf).join('\n')}

${specifications.map(sectionOf).join('\n\n')}
`;
}

/** Whole profiles that Writ leaves out, and how a request for one is answered. */
const profiles = `| profile | instead |
|---|---|
| Implicit and hybrid flows (RFC 6749 §4.2, OpenID Connect Core §3.2, §3.3) | \`code\` is the only response type; others get \`unsupported_response_type\` |
| The grant with the person's password (RFC 6749 §4.3) | \`unsupported_grant_type\`; RFC 9700 forbids it |
| Dynamic client registration (RFC 7591, RFC 7592, OpenID Connect Registration) | no registration endpoint; clients are created by the API, the command line and the pages of [apps](apps.md), with the names of RFC 7591 for their metadata |
| SAML assertions (RFC 7522) | \`unsupported_grant_type\` |
| Request objects (JAR, RFC 9101, OpenID Connect Core §6) | \`request_not_supported\`, \`request_uri_not_supported\`; requests can be [pushed](login.md) (RFC 9126) |
| Signed responses (JARM), signed introspection responses (RFC 9701) | \`unsupported_response_mode\`; responses have \`iss\` (RFC 9207) |
| Encrypted ID tokens, userinfo responses and access tokens (JWE) | signed ones, over TLS |
| Backchannel authentication (CIBA) | the [device grant](devices.md) (RFC 8628) |
| Issuer discovery by WebFinger, self-issued providers, aggregated and distributed claims (OpenID Connect Discovery §2, Core §7, §5.6.2) | not offered |
| Session management with a polling iframe (OpenID Connect Session Management) | not offered |`;

const headingOf = ({ name, title }: Specification): string => (title ? `${name}: ${title}` : name);

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function countsOf(specification: Specification): string {
  const found = specification.requirements.map(statusOf);
  const heading = headingOf(specification);
  const counts = (Object.keys(statuses) as Status[]).map(
    (status) => found.filter((each) => each === status).length,
  );
  return `| [${heading}](#${anchorOf(heading)}) | ${counts.join(' | ')} |`;
}

const sectionOf = (specification: Specification): string => `## ${headingOf(specification)}

<${specification.url}>

| section | requirement | status | shown by, or why |
|---|---|---|---|
${specification.requirements.map(rowOf).join('\n')}`;

function rowOf(requirement: Requirement): string {
  const { section, requirement: text, met, untested, notMet, notApplicable } = requirement;
  const shown =
    met?.map(([file, name]) => `[${cell(name)}](../${file})`).join('; ') ??
    cell(untested ?? notMet ?? notApplicable ?? '');
  return `| ${section} | ${cell(text)} | ${statuses[statusOf(requirement)]} | ${shown} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
