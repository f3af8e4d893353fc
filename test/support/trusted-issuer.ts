// Issuers that tests trust: on the loopback interface, with keys and tokens that look like those of Kubernetes and GitHub.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { keepSecret } from './run-records.ts';
import { unique } from './unique.ts';

/** A key pair that signs tokens. */
export async function issuerKey(alg = 'ES256', kid: string = unique('key')) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return {
    jwk,
    kid,
    alg,
    privateKey,
    /** Signs claims with this header; `alg` and `kid` are its own unless the header says otherwise. */
    sign: async (claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> => {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg, kid, ...header } as { alg: string })
        .sign(privateKey);
      keepSecret('token of a trusted issuer', token);
      return token;
    },
  };
}

export type IssuerKey = Awaited<ReturnType<typeof issuerKey>>;

const seconds = (): number => Math.floor(Date.now() / 1000);

/** The token of a pod's service account, which its programs use again and again. It has no `typ`. */
export const podClaims = (
  issuer: string,
  audience: string,
  [namespace, name]: readonly [string, string],
): JWTPayload => ({
  iss: issuer,
  sub: `system:serviceaccount:${namespace}:${name}`,
  aud: [audience],
  iat: seconds(),
  nbf: seconds(),
  exp: seconds() + 3600,
  'kubernetes.io': {
    namespace,
    pod: { name: `${name}-0`, uid: '7b3c' },
    serviceaccount: { name, uid: '5a1f' },
  },
});

/** The token of a job at GitHub Actions. */
export const jobClaims = (
  issuer: string,
  audience: string,
  { repository = 'acme/api', ref = 'refs/heads/main', environment = '' } = {},
): JWTPayload => ({
  iss: issuer,
  sub: environment
    ? `repo:${repository}:environment:${environment}`
    : `repo:${repository}:ref:${ref}`,
  aud: audience,
  iat: seconds(),
  nbf: seconds() - 300,
  exp: seconds() + 300,
  jti: unique('job'),
  repository,
  repository_owner: repository.split('/')[0],
  ref,
  ...(environment && { environment }),
  event_name: 'push',
  run_attempt: '1',
});

/** An issuer whose keys are fetched; its state can be changed while it runs. */
export async function startIssuer() {
  const key = await issuerKey();
  const state = {
    keys: [key.jwk] as JWK[],
    cacheControl: 'max-age=600' as string | undefined,
    /** The status of its answers; 0: it hangs up. */
    status: 200,
    /** What the discovery document says instead. */
    discovery: {} as Record<string, unknown>,
    /** The paths that were asked for. */
    requests: [] as string[],
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    state.requests.push(path);
    if (state.status === 0) {
      request.socket.destroy();
      return;
    }
    const body =
      path === '/keys'
        ? { keys: state.keys }
        : { issuer: origin, jwks_uri: `${origin}/keys`, ...state.discovery };
    response.writeHead(state.status, {
      'content-type': 'application/json',
      ...(state.cacheControl && { 'cache-control': state.cacheControl }),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    key,
    state,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

export type TestIssuer = Awaited<ReturnType<typeof startIssuer>>;
