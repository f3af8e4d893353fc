import { spawn } from 'node:child_process';
import type { Environment } from '../environment.ts';

/**
 * Opens a page of a server in the browser of this machine. False if there is none, as on a machine that a person uses over SSH, or
 * if the page is of another server.
 */
export function openBrowser(url: string, issuer: string, environment: Environment): boolean {
  if (!URL.canParse(url) || new URL(url).origin !== new URL(issuer).origin) return false;
  const [command, ...args] = opener(environment) ?? [];
  if (command === undefined) return false;
  try {
    const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
    // Without it the link is there to be opened by hand.
    child.on('error', () => {});
    child.unref();
    return true;
  } catch {
    return false;
  }
}

function opener(environment: Environment): string[] | undefined {
  if (environment['SSH_CONNECTION'] || environment['SSH_TTY']) return undefined;
  if (environment['BROWSER']) return [environment['BROWSER']];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return environment['DISPLAY'] || environment['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined;
}
