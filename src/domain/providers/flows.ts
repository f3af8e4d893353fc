import { providerLifetimes } from '../../../config/identity-providers.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { openEphemeral, sealEphemeral } from '../short-lived/sealing.ts';
import type { EphemeralStore } from '../short-lived/store.ts';
import type { UpstreamChecks } from './types.ts';

/** Why a person was sent to a provider. */
export type FlowPurpose =
  | { kind: 'sign_in' }
  /** A person who is signed in proves it again. */
  | { kind: 'again'; accountId: string }
  /** A person who has just proven their account adds an identity to it. */
  | { kind: 'link'; accountId: string };

/** A person who is at a provider. */
export interface Flow extends UpstreamChecks {
  providerId: string;
  purpose: FlowPurpose;
  returnTo: string;
  startedAt: Date;
}

/** A proven identity of no account, until the person has proven an account as well. */
export interface PendingIdentity {
  providerId: string;
  issuer: string;
  subject: string;
  email: string | null;
  username: string | null;
  returnTo: string;
  provenAt: Date;
}

/**
 * What lives between two requests of a browser. A record is found only with a secret that is in a cookie of that browser, and
 * is taken once.
 */
export function createProviderFlows({
  keyring,
  ephemeral,
}: {
  keyring: Keyring;
  ephemeral: EphemeralStore;
}) {
  const put = (kind: string, key: string, payload: object, lifetime: number): Promise<void> => {
    const id = sha256(key);
    return ephemeral.put(kind, id, sealEphemeral(keyring, kind, id, payload), lifetime);
  };

  const get = async <Payload>(kind: string, key: string): Promise<Payload | undefined> => {
    const record = await ephemeral.get(kind, sha256(key));
    return record && openEphemeral<Payload>(keyring, kind, record);
  };

  /** Of several requests at once, one gets the record. */
  const take = async <Payload>(kind: string, key: string): Promise<Payload | undefined> => {
    const found = await get<Payload>(kind, key);
    return found && (await ephemeral.delete(kind, sha256(key))) ? found : undefined;
  };

  const flowKey = (browser: string, state: string) => `${browser} ${state}`;

  const datedPending = ({ provenAt, ...rest }: PendingIdentity): PendingIdentity => ({
    ...rest,
    provenAt: new Date(provenAt),
  });

  return {
    /** Starts a flow in the browser that has the secret `browser` in a cookie. */
    async begin(
      browser: string,
      given: Pick<Flow, 'providerId' | 'purpose' | 'returnTo'>,
    ): Promise<Flow> {
      const flow: Flow = {
        ...given,
        state: randomAlphanumeric(lengthOf256Bits),
        nonce: randomAlphanumeric(lengthOf256Bits),
        codeVerifier: randomAlphanumeric(lengthOf256Bits),
        startedAt: new Date(),
      };
      await put('ProviderFlow', flowKey(browser, flow.state), flow, providerLifetimes.flow);
      return flow;
    },

    /** Takes the flow with this state that the browser began. */
    async take(browser: string, state: string): Promise<Flow | undefined> {
      const flow = await take<Flow>('ProviderFlow', flowKey(browser, state));
      return flow && { ...flow, startedAt: new Date(flow.startedAt) };
    },

    /** Keeps a proven identity. Returns the secret for the cookie. */
    async keepIdentity(identity: PendingIdentity): Promise<string> {
      const secret = randomAlphanumeric(lengthOf256Bits);
      await put('PendingIdentity', secret, identity, providerLifetimes.pendingIdentity);
      return secret;
    },

    async pendingIdentity(secret: string): Promise<PendingIdentity | undefined> {
      const found = await get<PendingIdentity>('PendingIdentity', secret);
      return found && datedPending(found);
    },

    async takeIdentity(secret: string): Promise<PendingIdentity | undefined> {
      const found = await take<PendingIdentity>('PendingIdentity', secret);
      return found && datedPending(found);
    },
  };
}

export type ProviderFlows = ReturnType<typeof createProviderFlows>;
