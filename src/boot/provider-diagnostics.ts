import type { Providers } from '../domain/providers/providers.ts';
import { type ProviderFinding, type Upstream, UpstreamError } from '../domain/providers/types.ts';
import { type Check, failed, ok, warning } from './check.ts';

/** Checks that people can sign in with each identity provider that is enabled. */
export async function diagnoseProviders(
  providers: Pick<Providers, 'enabled'>,
  upstream: Pick<Upstream, 'check'>,
): Promise<Check[]> {
  const enabled = await providers.enabled();
  return Promise.all(
    enabled.map(async (provider) => {
      const name = `identity provider ${provider.id}`;
      const findings = await upstream.check(provider).catch((error: unknown): ProviderFinding[] => {
        if (!(error instanceof UpstreamError)) throw error;
        return [{ status: 'failed', message: error.message }];
      });
      const remedy = `Compare the settings: writ providers show ${provider.id}.`;
      const worst = (['failed', 'warning'] as const).find((each) =>
        findings.some(({ status }) => status === each),
      );
      const message = findings
        .filter(({ status }) => worst === undefined || status === worst)
        .map((finding) => finding.message)
        .join(' ');
      if (worst === 'failed') return failed(name, message, remedy);
      return worst ? warning(name, message, remedy) : ok(name, message);
    }),
  );
}
