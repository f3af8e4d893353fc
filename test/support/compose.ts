import { execFileSync } from 'node:child_process';

/**
 * The command line of Docker Compose on this machine: the plugin, or the program of that name. DOCKER_COMPOSE
 * names another, or none if empty. It needs no Docker to say what a file means.
 */
export function findCompose(): string[] | undefined {
  const named = process.env['DOCKER_COMPOSE'];
  if (named !== undefined) return named ? named.split(' ') : undefined;
  return [['docker', 'compose'], ['docker-compose']].find(([program = '', ...args]) => {
    try {
      execFileSync(program, [...args, 'version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
