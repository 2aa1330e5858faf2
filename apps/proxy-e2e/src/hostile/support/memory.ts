import { readFileSync, writeFileSync } from 'node:fs';
import type { ProxyProcess } from '@mining-proxy/e2e-support';

const KIB = 1_024;
/** Written to `clear_refs` it makes the kernel begin a new peak at what is resident now. */
const RESET_PEAK = '5';

/** The highest resident memory of a process from here on, as the kernel keeps it: no peak is between two looks. */
export class PeakMemory {
  private constructor(
    private readonly proxy: ProxyProcess,
    private readonly before: number,
  ) {}

  static async since(proxy: ProxyProcess): Promise<PeakMemory> {
    const { pid } = proxy.program;
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
    } catch {
      // Without it the peak may be one of before, which makes the growth look larger, never smaller.
    }
    return new PeakMemory(proxy, residentBytes(pid) ?? (await proxy.residentBytes()));
  }

  /** Bytes by which the peak lies above what was resident when the watch began. */
  async growth(): Promise<number> {
    // Where the kernel does not tell, what is resident now has to do.
    const peak = statusBytes(this.proxy.program.pid, 'VmHWM') ?? (await this.proxy.residentBytes());
    return Math.max(0, peak - this.before);
  }
}

/** What of the process is in memory now; undefined where there is no `/proc`. */
export function residentBytes(pid: number): number | undefined {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: string): number | undefined {
  try {
    const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )?.[1];
    return kib === undefined ? undefined : Number(kib) * KIB;
  } catch {
    return undefined;
  }
}
