// An authenticator made of Node's crypto: it creates passkeys and signs with them as a browser's would (WebAuthn §6).
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What an authenticator and its browser do. */
export interface Behaviour {
  origin?: string;
  rpId?: string;
  /** Whether it verifies its user: a PIN, a finger, a face. */
  verifies?: boolean;
  /** Whether its passkeys can be copied to other devices. */
  synced?: boolean;
  /** Whether it counts its signatures. */
  counts?: boolean;
  transports?: string[];
  /** More of the client data. */
  clientData?: Record<string, unknown>;
}

interface Key {
  id: Buffer;
  privateKey: KeyObject;
  userHandle: string;
  counter: number;
}

interface CreationOptions {
  challenge: string;
  rp: { id?: string | undefined };
  user: { id: string };
}

interface RequestOptions {
  challenge: string;
  rpId?: string | undefined;
  allowCredentials?: { id: string }[] | undefined;
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');
const sha256 = (bytes: string | Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** The few things of CBOR (RFC 8949) that a passkey needs. */
function cbor(value: unknown): Buffer {
  const head = (major: number, count: number): Buffer =>
    count < 24
      ? Buffer.of((major << 5) | count)
      : count < 256
        ? Buffer.of((major << 5) | 24, count)
        : Buffer.of((major << 5) | 25, count >> 8, count & 255);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap(([key, one]) => [cbor(key), cbor(one)]),
  ]);
}

/** A new authenticator without passkeys. Calls can differ from its own behaviour. */
export function softAuthenticator(own: Behaviour = {}) {
  const keys: Key[] = [];
  const of = (given: Behaviour) => ({
    origin: 'http://localhost',
    verifies: true,
    synced: false,
    counts: false,
    transports: ['internal'],
    clientData: {},
    ...own,
    ...given,
  });

  const dataOf = (
    rpId: string,
    { verifies, synced }: ReturnType<typeof of>,
    counter: number,
    more?: Buffer,
  ) => {
    const flags = 1 | (verifies ? 4 : 0) | (synced ? 8 | 16 : 0) | (more ? 64 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count, more ?? Buffer.alloc(0)]);
  };

  const clientDataOf = (
    type: string,
    challenge: string,
    { origin, clientData }: ReturnType<typeof of>,
  ) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }));

  return {
    keys,

    /** Creates a passkey: the text that a page sends. */
    create(options: CreationOptions, given: Behaviour = {}): string {
      const behaviour = of(given);
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const key = { id: randomBytes(32), privateKey, userHandle: options.user.id, counter: 0 };
      keys.push(key);
      const cose = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const length = Buffer.of(0, key.id.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, key.id, cose]);
      const authData = dataOf(behaviour.rpId ?? options.rp.id ?? '', behaviour, 0, attested);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]);
      return JSON.stringify({
        id: base64url(key.id),
        rawId: base64url(key.id),
        type: 'public-key',
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: base64url(clientDataOf('webauthn.create', options.challenge, behaviour)),
          attestationObject: base64url(cbor(attestation)),
          transports: behaviour.transports,
        },
      });
    },

    /** Signs with the newest passkey, or with the one that is asked for: the text that a page sends. */
    get(options: RequestOptions, given: Behaviour = {}): string {
      const behaviour = of(given);
      const allowed = options.allowCredentials ?? [];
      const key = keys.findLast(
        ({ id }) => allowed.length === 0 || allowed.some((one) => one.id === base64url(id)),
      );
      if (!key) throw new Error('the authenticator has no such passkey');
      if (behaviour.counts) key.counter++;
      const clientData = clientDataOf('webauthn.get', options.challenge, behaviour);
      const authData = dataOf(behaviour.rpId ?? options.rpId ?? '', behaviour, key.counter);
      return JSON.stringify({
        id: base64url(key.id),
        rawId: base64url(key.id),
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData),
          authenticatorData: base64url(authData),
          signature: base64url(
            sign('sha256', Buffer.concat([authData, sha256(clientData)]), key.privateKey),
          ),
          userHandle: key.userHandle,
        },
      });
    },
  };
}

export type SoftAuthenticator = ReturnType<typeof softAuthenticator>;
