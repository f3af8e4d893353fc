import type { ErrorOut } from 'oidc-provider';

/** Sentences of the engine about authorization requests (RFC 6749 §4.1.2.1), and what a developer reads instead. */
const sentences: Readonly<Record<string, string>> = {
  'Authorization Server policy requires PKCE to be used for this request':
    'code_challenge is missing: this client must use PKCE',
  'Pushed Authorization Request must be used':
    'This client must push its requests to the pushed authorization request endpoint (RFC 9126)',
  'not supported value of code_challenge_method': 'code_challenge_method must be S256',
  'unsupported prompt value requested':
    'unsupported prompt: use none, login, consent or select_account',
  'client is invalid': 'Unknown client_id',
  "redirect_uri did not match any of the client's registered redirect_uris":
    "redirect_uri is not one of the client's redirect URIs",
};

/** The parameters of an error response, with a plain sentence if the engine's is one of the above. */
export function inPlainWords<Out extends Partial<ErrorOut>>(out: Out): Out {
  const sentence = sentences[out.error_description ?? ''];
  return sentence === undefined ? out : { ...out, error_description: sentence };
}
