// What the pages of several files show.
import type { AppShown, ClientShown } from '../../../views/components/app.ts';
import { ada, ago, arabic, at, day, extremePerson, hostile, long, unbroken } from '../case.ts';

export const here = at('apps');

export const told = (notice: string) => at('apps', { person: ada, notice });

export const worstHere = at('apps', extremePerson);

/** Of a page with something to copy. */
export const copied = at('apps', { person: ada, copies: true });

export const worstCopied = at('apps', { ...extremePerson, copies: true });

export const acme: AppShown = {
  name: 'acme',
  displayName: 'Acme Shop',
  disabledAt: null,
  disabledBy: null,
  manages: 'app',
};

export const asReader: AppShown = { ...acme, manages: 'nothing' };

export const asDeveloper: AppShown = { ...acme, manages: 'clients' };

export const worstApp: AppShown = {
  name: long('acme-', 40),
  displayName: `${hostile} ${unbroken}`,
  disabledAt: ago(day),
  disabledBy: 'member',
  manages: 'app',
};

export const client = (name: string, part: Partial<ClientShown> = {}): ClientShown => ({
  clientId: `acme:${name}`,
  name,
  displayName: name,
  kind: 'server',
  role: 'Developer',
  disabledAt: null,
  disabledBy: null,
  ...part,
});

export const clients: ClientShown[] = [
  client('default', { displayName: 'Default', role: 'Owner' }),
  client('website', { displayName: 'Website', kind: 'website', role: 'Editor' }),
  // Without a display name of its own, it has the app's.
  client('ios', { displayName: 'Acme Shop', kind: 'native', role: 'Reader' }),
  client('cli', { displayName: 'Command line', kind: 'device', role: 'Developer' }),
  client('import', {
    displayName: 'Nightly import',
    role: 'Importer',
    disabledAt: ago(day),
    disabledBy: 'member',
  }),
];

export const [first = client('default')] = clients;

export const worstClient = client(long('client-', 40), {
  clientId: `${worstApp.name}:${long('client-', 40)}`,
  displayName: `${hostile} ${arabic} ${unbroken}`,
  kind: 'native',
  role: unbroken,
  disabledAt: ago(day),
  disabledBy: 'member',
});
