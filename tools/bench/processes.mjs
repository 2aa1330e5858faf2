import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export const RELAY_CPU = '0';
export const LOAD_CPU = '1';

/** The command that runs another one on one CPU, with all its threads. */
export function pinned(cpu, command) {
  return ['taskset', '-c', cpu, ...command];
}

/** Keeps this process off the relay's CPU. */
export function pinMyself() {
  execFileSync('taskset', ['-acp', LOAD_CPU, String(process.pid)], { stdio: 'ignore' });
}

/** The process and all below it, as `/proc` has them now. */
export function processTree(pid) {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(entry);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/**
 * Microseconds of CPU, user and system, that the threads of the processes have used; those that ended are not in it.
 * With `onlyNice` only of threads that step back behind others: this proxy's ledger.
 */
export function cpuMicroseconds(pids, { onlyNice = false } = {}) {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      if (onlyNice && !(nicenessOf(`${pid}/task/${thread}`) > 0)) continue;
      const schedstat = readOrNothing(`/proc/${pid}/task/${thread}/schedstat`);
      nanoseconds += Number(schedstat?.split(' ')[0] ?? 0);
    }
  }
  return nanoseconds / 1000;
}

/** Bytes of memory that the processes account for: what they share is divided among its users. */
export function proportionalSetSize(pids) {
  return pids.reduce((sum, pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return sum + Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }, 0);
}

function parentOf(pid) {
  return statOf(pid, 1);
}

function nicenessOf(task) {
  return statOf(task, 16);
}

/** A field of `/proc/…/stat`, numbered from the state on; undefined where it is gone. */
function statOf(task, field) {
  const stat = readOrNothing(`/proc/${task}/stat`);
  // The name stands in parentheses and may hold anything; what is counted comes after it.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field]);
}

function readOrNothing(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The process, or its thread, has ended meanwhile.
    return undefined;
  }
}
