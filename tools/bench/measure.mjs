import { measureComings } from './measure-comings.mjs';
import { measureLoad } from './measure-load.mjs';
import { measureScrapes } from './measure-scrapes.mjs';
import { measureSoak } from './measure-soak.mjs';
import { measureViewers } from './measure-viewers.mjs';

/** One relay under one scenario, or the load alone where `relay` is null. Resolves to its figures. */
export function measure(relay, scenario) {
  if (scenario.comings) return measureComings(relay, scenario);
  if (scenario.scrapes) return measureScrapes(relay, scenario);
  if (scenario.viewers) return measureViewers(relay, scenario);
  if (scenario.churnEveryMs) return measureSoak(relay, scenario);
  return measureLoad(relay, scenario);
}
