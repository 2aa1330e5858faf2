import { Fleet } from '../miner/fleet';
import { Pool } from '../pool/pool';
import { Arguments, helpText, type OptionSpecs } from './arguments';
import { fleetOptions, FLEET_OPTION_SPECS, MINER_DIALECT_SPEC, tellProgress } from './mine-command';
import { print } from './output';
import { POOL_OPTION_SPECS, poolOptions } from './pool-command';
import { untilSignal } from './signals';

const RUN_OPTION_SPECS: OptionSpecs = {
  ...FLEET_OPTION_SPECS,
  ...POOL_OPTION_SPECS,
  dialect: MINER_DIALECT_SPEC,
};
export const RUN_HELP = helpText('miner-sim run: a pool and miners, directly', RUN_OPTION_SPECS);
const DEFAULT_DURATION_MS = 10_000;

/** A pool and a fleet in one process, without anything between them. The pool follows the miners' dialect. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const given = Arguments.parse(args, RUN_OPTION_SPECS);
  const pool = new Pool({ ...poolOptions(given), dialect: 'any' });
  const { address, port } = await pool.listen();
  print({ event: 'listening', role: 'pool', address, port });

  const limits = fleetOptions(given, port);
  const endless = limits.durationMs === undefined && limits.shares === undefined;
  const fleet = new Fleet({ ...limits, durationMs: endless ? DEFAULT_DURATION_MS : limits.durationMs });
  const progressMs = given.number('progress-ms') ?? 5000;
  const progress = progressMs > 0 ? setInterval(() => tellProgress(fleet), progressMs) : undefined;
  void untilSignal().then(() => fleet.stop());
  const miners = await fleet.run();
  clearInterval(progress);
  await pool.close(limits.settleMs);
  print({ event: 'summary', role: 'run', pool: pool.summary(), miners });
}
