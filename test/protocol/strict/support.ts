import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  type GenerateKeyPairResult,
  generateKeyPair,
  SignJWT,
} from 'jose';
import type { Answer } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { keepSecret } from '../../support/run-records.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import type { Visitor } from '../../support/visitor.ts';
import { answer, challengeOf } from '../authorization/support.ts';
import { asserted, now } from '../token/support.ts';

type Changes = Record<string, unknown>;

/** A key that makes DPoP proofs (RFC 9449 §4.2). */
export interface DpopKey {
  /** A proof for a request; `changes` are of its claims, `header` of its header. */
  prove(method: string, url: string, changes?: Changes, header?: Changes): Promise<string>;
  /** Its thumbprint (RFC 7638). */
  jkt: string;
}

export async function createDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    jkt: await calculateJwkThumbprint(jwk),
    prove: (method, url, changes = {}, header = {}) =>
      new SignJWT({ htm: method, htu: url, iat: now(), jti: randomUUID(), ...changes })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey),
  };
}

/** The `ath` of a proof for an access token. */
export const ath = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

export interface StrictClient {
  id: string;
  resource: string;
  redirectUri: string;
  key: GenerateKeyPairResult;
  /** A client assertion, with changed claims. */
  assert(changes?: Changes, alg?: string): Promise<string>;
  /** Posts a form with a client assertion, and a DPoP proof if a key or a proof is given. */
  post(path: string, form: Record<string, string>, proof?: DpopKey | string): Promise<Answer>;
  /** Pushes an authorization request with the usual parameters, changed by those of a test; null omits one. */
  push(
    changes?: Record<string, string | null>,
    proof?: DpopKey | string,
  ): Promise<Answer & { verifier: string }>;
  /** The path that it sends the browser to after it has pushed a request. */
  path(requestUri: string): string;
  /** Redeems a code. */
  redeem(
    code: { code: string; verifier: string },
    proof?: DpopKey | string,
    changes?: Record<string, string>,
  ): Promise<Answer>;
}

/** A client with the profile `fapi2`, for an API of its own. Its key fits several algorithms. */
export async function createStrictClient(
  stack: Stack,
  metadata: Changes = {},
  {
    keyAlg = 'ES256',
    redirectUri = 'https://strict.test/back?of=it',
  }: { keyAlg?: string; redirectUri?: string } = {},
): Promise<StrictClient> {
  const { resource } = await makeParties(stack);
  const key = await generateKeyPair(keyAlg, { extractable: true });
  const { alg: _alg, ...jwk } = await exportJWK(key.publicKey);
  const { id } = await stack.api.createClient({
    client_id: unique('strict'),
    profile: 'fapi2',
    jwks: { keys: [{ ...jwk, kid: 'one' }] },
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    redirect_uris: [redirectUri],
    resources: [resource],
    ...metadata,
  });
  const assert = (changes: Changes = {}, alg = keyAlg): Promise<string> =>
    new SignJWT({
      iss: id,
      sub: id,
      aud: stack.issuer,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 60,
      ...changes,
    })
      .setProtectedHeader({ alg, kid: 'one' })
      .sign(key.privateKey);
  const post: StrictClient['post'] = async (path, form, proof) => {
    const url = stack.issuer + path;
    const sent = typeof proof === 'string' ? proof : await proof?.prove('POST', url);
    const fields = form['client_assertion'] ? form : { ...asserted(await assert()), ...form };
    return stack.post(path, fields, undefined, sent ? { DPoP: sent } : {});
  };
  return {
    id,
    resource,
    redirectUri,
    key,
    assert,
    post,
    async push(changes = {}, proof) {
      const verifier = randomBytes(32).toString('base64url');
      keepSecret('code_verifier', verifier);
      const form = {
        client_id: id,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid things:read',
        state: unique('state'),
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
        ...changes,
      };
      const sent = Object.entries(form).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      );
      return { ...(await post('/connect/par', Object.fromEntries(sent), proof)), verifier };
    },
    path: (requestUri) =>
      `/connect/authorize?${new URLSearchParams({ client_id: id, request_uri: requestUri })}`,
    redeem: ({ code, verifier }, proof, changes = {}) =>
      post(
        '/connect/token',
        {
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          redirect_uri: redirectUri,
          ...changes,
        },
        proof,
      ),
  };
}

/** A person allows the request at a path, unless they did so before; returns the response at the redirect URI. */
export async function allowRequest(visitor: Visitor, path: string): Promise<URL> {
  const { location } = await visitor.get(path);
  const isAsked = location?.startsWith('/consent/') ?? false;
  if (isAsked) await visitor.get(location ?? '');
  const url = isAsked ? (await answer(visitor, location ?? '')).url : URL.parse(location ?? '');
  if (!url?.searchParams.has('code')) throw new Error(`no code came: ${url}`);
  return url;
}

/** A person allows a pushed request. */
export const allowPushed = (visitor: Visitor, client: StrictClient, pushed: Answer): Promise<URL> =>
  allowRequest(visitor, client.path(pushed.body.request_uri));

/** From a pushed request to a code. */
export async function codeFor(
  visitor: Visitor,
  client: StrictClient,
  changes: Record<string, string | null> = {},
  proof?: DpopKey | string,
): Promise<{ code: string; verifier: string; answer: URL }> {
  const pushed = await client.push(changes, proof);
  if (pushed.status !== 201) throw new Error(`not pushed: ${pushed.text}`);
  const url = await allowPushed(visitor, client, pushed);
  return { code: url.searchParams.get('code') ?? '', verifier: pushed.verifier, answer: url };
}
