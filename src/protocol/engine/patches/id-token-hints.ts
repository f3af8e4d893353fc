import { decodeProtectedHeader } from 'jose';
import type { Provider } from 'oidc-provider';
import { signingAlgs } from '../../../domain/keys/signing-keys.ts';
import { modelsOf } from '../models.ts';

/**
 * Replaces `IdToken.validate`, which checks an `id_token_hint` (OpenID Connect Core §3.1.2.1) and takes only what
 * the client's algorithm of today signed. An ID token stays a hint when its client changes to another algorithm:
 * each key is of one algorithm, so any that this server signs with will do.
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
