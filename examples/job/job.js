// A job that calls an API for itself, as from cron. It gets a token when it needs one, and keeps none.
import { authorizedFetch, clientCredentials } from 'writ-sdk/client';

const { ISSUER, RESOURCE, API, CLIENT_ID, CLIENT_SECRET } = process.env;

const call = authorizedFetch(
  clientCredentials({
    issuer: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    resource: RESOURCE,
    scope: 'things:read',
  }),
);

const response = await call(`${API}/things`);
if (!response.ok) throw new Error(`The API answered ${response.status}.`);
console.log(JSON.stringify(await response.json()));
