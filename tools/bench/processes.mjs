import { readFileSync, readdirSync } from 'node:fs';

const CLOCK_TICK_US = 10_000; // USER_HZ is 100 on every Linux that Node runs on

/** The process and all below it, as `/proc` has them now. */
export function processTree(pid) {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = statOf(entry)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** Microseconds of CPU, user and system, that the processes have used. */
export function cpuMicroseconds(pids) {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0) * CLOCK_TICK_US, 0);
}

/** Bytes of memory that the processes account for: what they share is divided among its users. */
export function proportionalSetSize(pids) {
  return pids.reduce((sum, pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return sum + Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }, 0);
}

function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold anything; what is counted comes after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    // The process has ended meanwhile.
    return undefined;
  }
}
