export { Dice } from './lib/dice';
export { httpGet, type HttpAnswer } from './lib/http-get';
export { MetricsPage, type Labels } from './lib/metrics-page';
export { jsonLine, Program, PROXY_MAIN } from './lib/program';
export { proxyHeader } from './lib/proxy-header';
export { ProxyProcess, type LogLine, type ProxyOptions } from './lib/proxy-process';
export { connectMiner, type RawMinerOptions } from './lib/raw-miner';
export { connectPeer, RawPeer } from './lib/raw-peer';
export { freePort, RawPool, type RawPoolOptions } from './lib/raw-pool';
export { say } from './lib/say';
export { expectSharesToAddUp } from './lib/share-equation';
export {
  SimulatedMiners,
  SimulatedPool,
  type ShareTally,
  type SimulatorOptions,
  type SimulatorTally,
} from './lib/simulator';
export { describeUnless } from './lib/skipping';
export { Stage } from './lib/stage';
export {
  answer,
  authorize,
  difficulty,
  logIn,
  notify,
  playPool,
  submit,
  subscribe,
  subscribed,
} from './lib/stratum';
export { UnsteadyNetwork, type Weather } from './lib/unsteady-network';
export { BUSY_MACHINE_MS, eventually, steady, until, within } from './lib/wait';
