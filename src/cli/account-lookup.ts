import type { ApiClient, Json } from './api-client.ts';
import { Failure } from './failure.ts';

/** An account by its ID or email address. Throws Failure. */
export async function findAccount(api: ApiClient, account: string): Promise<Json> {
  if (!account.includes('@')) return api.get(pathOfAccount(account));
  const [found] = await api.list('/accounts', { email: account }, 1);
  if (!found) throw new Failure(`There is no account with the email address ${account}.`);
  return found;
}

export const pathOfAccount = (id: unknown) => `/accounts/${encodeURIComponent(String(id))}`;
