import { execFileSync } from 'node:child_process';

/**
 * Command of Docker Compose on this machine: the plugin, or the standalone program. DOCKER_COMPOSE names another,
 * or none if empty. Validating a file does not need Docker.
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
