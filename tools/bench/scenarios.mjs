const EVENLY_OFFERED = [
  'cpuPerMessage',
  'addedP50',
  'addedP99',
  'fanOut',
  'kilobytesPerSession',
  'relayBusy',
  'loadBusy',
];

/** What is offered to each relay. Bounded in time: every run ends by itself. */
export const SCENARIOS = [
  {
    name: 'flat-out',
    about: '100 sessions, each sends its next share when the last one is answered',
    shows: ['messagesPerSecond', 'relayBusy', 'loadBusy'],
    sessions: 100,
    warmUpMs: 1_000,
    measureMs: 3_000,
  },
  {
    name: 'farm',
    about: '5,000 sessions, 500 shares/s, a 1.3 KB job to all of them every 2 s',
    shows: EVENLY_OFFERED,
    sessions: 5_000,
    submitsPerSecond: 500,
    jobEveryMs: 2_000,
    warmUpMs: 2_500,
    measureMs: 6_500,
  },
];
