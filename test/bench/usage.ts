// What processes use, as the kernel counts it. Elsewhere than on Linux nothing is known of it, and
// the table says so.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const known = process.platform === 'linux';
const tick = known
  ? 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  : 0;

/** Microseconds of CPU, user and system, that a process has used. */
export function cpuOf(pid: number): number {
  if (!known) return Number.NaN;
  const { utime, stime } = stat(pid);
  return (utime + stime) * tick;
}

/** The same to the nanosecond, without threads that have ended: for rounds that are shorter than a second. */
export function exactCpuOf(pid: number): number {
  if (!known) return Number.NaN;
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(nanoseconds) / 1000;
  }, 0);
}

/** The CPU of a process with all its children, those that have ended included. */
export function cpuOfFamily(pid: number): number {
  if (!known) return Number.NaN;
  const { endedChildren } = stat(pid);
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statIfThere(Number(name)))
    .filter((child) => child?.parent === pid);
  return children.reduce(
    (sum, child) => sum + ((child?.utime ?? 0) + (child?.stime ?? 0)) * tick,
    cpuOf(pid) + endedChildren * tick,
  );
}

export const parentOf = (pid: number): number => (known ? stat(pid).parent : Number.NaN);

/** Megabytes of a process that are in memory. */
export function residentOf(pid: number): number {
  if (!known) return Number.NaN;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The fields after the name of the program, which may hold spaces and brackets itself. */
function stat(pid: number) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number) => fields[number - 3] ?? Number.NaN;
  return {
    parent: field(4),
    utime: field(14),
    stime: field(15),
    endedChildren: field(16) + field(17),
  };
}

function statIfThere(pid: number) {
  try {
    return stat(pid);
  } catch {
    return undefined;
  }
}
