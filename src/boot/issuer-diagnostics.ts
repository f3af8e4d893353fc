import type { TrustedIssuers } from '../domain/issuers/issuers.ts';
import type { IssuerKeys } from '../domain/issuers/types.ts';
import { type Check, failed, ok } from './check.ts';

/** Checks that the keys of each trusted issuer that is enabled can be read. */
export async function diagnoseIssuers(
  issuers: Pick<TrustedIssuers, 'all'>,
  keys: Pick<IssuerKeys, 'check'>,
): Promise<Check[]> {
  const enabled = (await issuers.all()).filter((issuer) => issuer.enabled);
  return Promise.all(
    enabled.map(async (issuer) => {
      const name = `trusted issuer ${issuer.id}`;
      const findings = await keys.check(issuer);
      const problems = findings.filter(({ status }) => status !== 'ok');
      const message = (problems.length > 0 ? problems : findings)
        .map((finding) => finding.message)
        .join(' ');
      return problems.length > 0
        ? failed(name, message, `Compare the settings: writ issuers show ${issuer.id}.`)
        : ok(name, message);
    }),
  );
}
