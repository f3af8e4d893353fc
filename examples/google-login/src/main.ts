/** Starts the login app and the SQL API, from environment variables. */
import { openData } from './database.ts';
import { startLoginApp } from './login-app.ts';
import { startSqlApi } from './sql-api.ts';

const problems: string[] = [];

/** A variable that must be set, unless there is a standard. */
function setting(name: string, standard?: string): string {
  const value = process.env[name] ?? standard;
  if (value === undefined) problems.push(name);
  return value ?? '';
}

const writUrl = setting('WRIT_URL', 'http://localhost:3000');
const resourceServer = {
  writUrl,
  clientId: setting('SQL_API_CLIENT_ID'),
  clientSecret: setting('SQL_API_CLIENT_SECRET'),
};
const writ = { url: writUrl, apiKey: setting('WRIT_API_KEY') };
const google = {
  clientId: setting('GOOGLE_CLIENT_ID'),
  clientSecret: setting('GOOGLE_CLIENT_SECRET'),
  authorizationUrl: setting(
    'GOOGLE_AUTHORIZATION_URL',
    'https://accounts.google.com/o/oauth2/v2/auth',
  ),
  tokenUrl: setting('GOOGLE_TOKEN_URL', 'https://oauth2.googleapis.com/token'),
  issuer: setting('GOOGLE_ISSUER', 'https://accounts.google.com'),
};
if (problems.length > 0) {
  console.error(`Set ${problems.join(', ')}: see README.md.`);
  process.exit(2);
}

const data = openData(setting('DATABASE', ':memory:'));
for (const name of ['AC/DC', 'Accept', 'Aerosmith']) data.addArtist(name);
data.addArtist('A band that only editors see', 'another user');

const sqlApi = await startSqlApi({
  port: Number(setting('SQL_PORT', '3200')),
  resourceServer,
  data,
  database: 'chinook.sqlite',
});
const app = await startLoginApp({
  port: Number(setting('PORT', '3100')),
  google,
  writ,
  sqlUrl: sqlApi.origin,
  editors: setting('EDITORS', '').split(','),
});
console.log(`Open ${app.origin}`);
