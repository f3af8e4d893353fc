import type { Keyring } from '../../src/crypto/sealing.ts';
import { keepSecret } from './run-records.ts';

/** The private members of a JWK (RFC 7518 §6). */
const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']);

/** A keyring that records every key that it seals or opens, for the test of the logs. */
export function keepingSealed(keyring: Keyring): Keyring {
  const keep = (purpose: string, value: string | Buffer) => {
    const jwk = asJson(value.toString('utf8'));
    if (jwk)
      for (const [name, member] of Object.entries(jwk))
        if (privateMembers.has(name)) keepSecret(`${name} of a ${purpose}`, member);
    if (jwk || typeof value === 'string') return;
    keepSecret(`sealed key for ${purpose}`, value.toString('base64url'));
    keepSecret(`sealed key for ${purpose}`, value.toString('hex'));
  };
  return {
    ...keyring,
    seal(place, value) {
      keep(place.purpose, value);
      return keyring.seal(place, value);
    },
    open(place, sealed) {
      const value = keyring.open(place, sealed);
      keep(place.purpose, value);
      return value;
    },
  };
}

function asJson(text: string): object | undefined {
  try {
    return Object(JSON.parse(text));
  } catch {
    return undefined;
  }
}
