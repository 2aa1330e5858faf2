import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stage } from '@mining-proxy/e2e-support';

/** A stage whose proxies leave something behind: data directories that outlive the processes on them. */
export class BillingStage extends Stage {
  private readonly leftovers: (() => Promise<void> | void)[] = [];

  /** An empty directory, removed when the stage is cleared. */
  directory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'billing-e2e-'));
    this.removedBy(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }

  /** `remove` is called when all programs of the stage have ended, the last one given first. */
  removedBy(remove: () => Promise<void> | void): void {
    this.leftovers.push(remove);
  }

  override async clear(): Promise<void> {
    try {
      await super.clear();
    } finally {
      for (const remove of this.leftovers.splice(0).reverse()) await remove();
    }
  }
}
