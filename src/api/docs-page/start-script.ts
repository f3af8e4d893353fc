/**
 * Starts Swagger UI on the document. A token for this API has to name it as the resource
 * (RFC 8707 §2.2), which Swagger UI does not know of.
 */
export const startScript = `'use strict';
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUIBundle({
  url: 'api/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor(request) {
    if (request.url.endsWith('/connect/token') && typeof request.body === 'string')
      request.body += '&resource=' + encodeURIComponent(request.url.replace(/connect\\/token$/, 'api/v1'));
    return request;
  },
});
`;
