/** The ledger folds every 10 s: what is measured has one fold of what came in such a span, and none of the logins. */
const STEADY = {
  shows: ['cpuPerMessage', 'ledgerPerMessage', 'addedP50', 'addedP99', 'relayBusy', 'loadBusy'],
  warmUpMs: 10_500,
  measureMs: 10_000,
};
const FARM = {
  shows: [...STEADY.shows, 'fanOut', 'kilobytesPerSession'],
  sessions: 5_000,
  submitsPerSecond: 500,
  jobEveryMs: 2_000,
  warmUpMs: 10_500,
  measureMs: 10_000,
};

const COMINGS = {
  shows: ['cpuFirst', 'cpuAgain', 'secondsAgain'],
  sessions: 2_000,
  comings: { times: 3 },
};

/**
 * What is offered to each relay. Bounded in time: every run ends by itself. Those that are `quick` are for every day,
 * those that are `long` run where they are named.
 */
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
    name: 'shares-1000',
    quick: true,
    about: '1,000 sessions, 1,000 shares/s',
    ...STEADY,
    sessions: 1_000,
    submitsPerSecond: 1_000,
  },
  {
    name: 'shares-5000',
    quick: true,
    about: '1,000 sessions, 5,000 shares/s',
    ...STEADY,
    sessions: 1_000,
    submitsPerSecond: 5_000,
  },
  {
    name: 'shares-2000',
    about: '1,000 sessions, 2,000 shares/s',
    ...STEADY,
    sessions: 1_000,
    submitsPerSecond: 2_000,
  },
  {
    name: 'sessions-3000',
    about: '3,000 sessions, 2,000 shares/s',
    ...STEADY,
    sessions: 3_000,
    submitsPerSecond: 2_000,
  },
  {
    name: 'sessions-9000',
    about: '9,000 sessions, 2,000 shares/s',
    ...STEADY,
    sessions: 9_000,
    submitsPerSecond: 2_000,
  },
  {
    name: 'shares-2000-tls',
    about: '1,000 sessions in TLS, 2,000 shares/s',
    ...STEADY,
    sessions: 1_000,
    submitsPerSecond: 2_000,
    tls: true,
  },
  {
    name: 'farm',
    about: '5,000 sessions, 500 shares/s, a 1.3 KB job to all of them every 2 s',
    ...FARM,
  },
  {
    name: 'farm-tls',
    about: '5,000 sessions in TLS, 500 shares/s, a 1.3 KB job to all of them every 2 s',
    ...FARM,
    tls: true,
  },
  {
    name: 'coming-back',
    quick: true,
    about: '2,000 miners leave and come again, three times; CPU for each miner',
    ...COMINGS,
  },
  {
    name: 'coming-back-tls',
    about: '2,000 miners in TLS leave and come again, three times; CPU for each miner',
    ...COMINGS,
    tls: true,
  },
  {
    name: 'scrape',
    quick: true,
    about: '`/metrics` with 1,000 clients, at 2,000 shares/s of 1,000 sessions',
    shows: ['scrapeMs', 'pageKilobytes', 'cpuOfScrape', 'worstScraped', 'worstQuiet'],
    sessions: 1_000,
    accounts: 1_000,
    submitsPerSecond: 2_000,
    warmUpMs: 2_000,
    measureMs: 20_000,
    scrapes: { times: 10, spanMs: 500 },
  },
  {
    name: 'viewers',
    about: '50 who look at the page with 1,000 clients, at 2,000 shares/s of 1,000 sessions',
    shows: ['cpuOfViewers', 'sentKilobytes', 'worstViewed', 'worstUnseen', 'worstOpening'],
    sessions: 1_000,
    accounts: 1_000,
    submitsPerSecond: 2_000,
    warmUpMs: 2_000,
    measureMs: 100_000,
    viewers: { count: 50, times: 4, slices: 5 },
  },
  {
    name: 'soak',
    long: true,
    about: '1,000 sessions, 1,000 shares/s and 20 miners a second that leave and come again, for ten minutes',
    shows: [
      ...['cpuPerMinute', 'cpuPerMinuteAtEnd', 'megabytes', 'megabytesAtEnd', 'megabytesMost', 'returns'],
      ...['relayBusy', 'loadBusy'],
    ],
    sessions: 1_000,
    submitsPerSecond: 1_000,
    jobEveryMs: 5_000,
    churnEveryMs: 50,
    warmUpMs: 60_000,
    measureMs: 540_000,
  },
];
