/** What command lines call the fields of the API whose names differ from it. */
export const argumentOf: Readonly<Record<string, string>> = {
  identifier: '<identifier>',
  client_name: '--name',
  display_name: '--name',
  roles: '--role',
  grant_types: '--grant',
  scope: '--scope',
  scopes: '--scope',
  resources: '--resource',
  resource_server_for: '--resource-server-for',
  redirect_uris: '--redirect-uri',
  id_token_signed_response_alg: '--id-token-alg',
  access_token_ttl: '--access-token-ttl',
  authorization_code_ttl: '--authorization-code-ttl',
  refresh_token_ttl: '--refresh-token-ttl',
  refresh_token_idle_ttl: '--refresh-token-idle-ttl',
  device_lifetimes: '--device-lifetime',
};
