import { decodeProtectedHeader } from 'jose';
import type { Provider } from 'oidc-provider';
import { signingAlgs } from '../../../domain/keys/signing-keys.ts';
import { modelsOf } from '../models.ts';

/**
 * Replaces `IdToken.validate`, which checks an `id_token_hint` (OpenID Connect Core §3.1.2.1) against the client's
 * current algorithm only. An ID token stays valid as a hint after its client changes the algorithm: each signing key
 * has one algorithm, so every algorithm that this server signs with is accepted.
 */
export function patchIdTokenHints(provider: Provider): void {
  const { IdToken } = modelsOf(provider);
  const { validate } = IdToken;
  IdToken.validate = async function (jwt, client) {
    const signedBy = signingAlgs.find((alg) => alg === decodeProtectedHeader(jwt).alg);
    return validate.call(this, jwt, {
      clientId: client.clientId,
      idTokenSignedResponseAlg: signedBy ?? client.idTokenSignedResponseAlg,
    });
  };
}
