// The keyring of a desktop, without the desktop: GNOME Keyring on a session bus of its own.
import { spawnSync } from 'node:child_process';
import { access } from 'node:fs/promises';
import * as path from 'node:path';
import { startProgram } from './process.ts';

const isThere = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/** Whether this machine has the programs. Otherwise tests that need them are skipped; run.ts warns about that. */
export const systemKeyringIsThere = (): boolean =>
  isThere('dbus-daemon') && isThere('gnome-keyring-daemon');

/** Starts an unlocked keyring; programs find it with `environment`. */
export async function startSystemKeyring(): Promise<{
  environment: { DBUS_SESSION_BUS_ADDRESS: string };
  /** Whether it has a secret of a service. */
  has(service: string): boolean;
  stop(): Promise<void>;
}> {
  const signals = { stopSignal: 'SIGTERM', killSignal: 'SIGKILL' } as const;
  let socket = '';
  const bus = await startProgram({
    name: 'session-bus',
    command: (directory) => {
      socket = path.join(directory, 'bus');
      return [
        'dbus-daemon',
        '--session',
        '--nofork',
        '--nopidfile',
        `--address=unix:path=${socket}`,
      ];
    },
    ready: () => access(socket),
    ...signals,
  });
  const environment = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const call = (destination: string, ...method: string[]): string => {
    const { status, stdout, stderr } = spawnSync(
      'dbus-send',
      ['--session', '--print-reply', `--dest=${destination}`, ...method],
      { env: { PATH: process.env['PATH'], ...environment }, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  const daemon = await startProgram({
    name: 'keyring',
    command: (directory) => [
      'env',
      `DBUS_SESSION_BUS_ADDRESS=${environment.DBUS_SESSION_BUS_ADDRESS}`,
      `XDG_DATA_HOME=${directory}`,
      'sh',
      '-c',
      // It takes its password from the standard input.
      `printf password | exec gnome-keyring-daemon --foreground --unlock --components=secrets --control-directory=${directory}`,
    ],
    ready: async () =>
      call(
        'org.freedesktop.DBus',
        '/',
        'org.freedesktop.DBus.GetNameOwner',
        'string:org.freedesktop.secrets',
      ),
    ...signals,
  });
  return {
    environment,
    has: (service) =>
      call(
        'org.freedesktop.secrets',
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.SearchItems',
        `dict:string:string:service,${service}`,
      ).includes('object path'),
    async stop() {
      await daemon.stop();
      await bus.stop();
    },
  };
}
