/** What can be measured of a relay, in the order of the table's columns; a scenario names those it shows. */
export const FIGURES = [
  { key: 'cpuPerMessage', title: 'CPU per message', unit: 'µs', digits: 1, ratio: true },
  { key: 'messagesPerSecond', title: 'messages per second', unit: '', digits: 0, ratio: true },
  // The difference of two runs: a ratio of such differences says nothing.
  { key: 'addedP50', title: 'added latency p50', unit: 'ms', digits: 2 },
  { key: 'addedP99', title: 'added latency p99', unit: 'ms', digits: 2 },
  { key: 'fanOut', title: 'job to the last miner', unit: 'ms', digits: 1, ratio: true },
  { key: 'kilobytesPerSession', title: 'memory per session', unit: 'KB', digits: 1, ratio: true },
  { key: 'cpuFirst', title: 'CPU of a first coming', unit: 'µs', digits: 0, ratio: true },
  { key: 'cpuAgain', title: 'CPU of coming again', unit: 'µs', digits: 0, ratio: true },
  { key: 'secondsAgain', title: 'until all are back', unit: 's', digits: 2 },
  { key: 'scrapeMs', title: 'a scrape', unit: 'ms', digits: 1 },
  { key: 'pageKilobytes', title: 'page', unit: 'KB', digits: 0 },
  { key: 'cpuOfScrape', title: 'CPU of a scrape', unit: 'ms', digits: 1 },
  { key: 'worstScraped', title: 'longest wait of a share', unit: 'ms', digits: 1 },
  { key: 'worstQuiet', title: 'the same without a scrape', unit: 'ms', digits: 1 },
  { key: 'relayBusy', title: 'relay busy', unit: '%', digits: 0, percent: true },
  { key: 'loadBusy', title: 'load busy', unit: '%', digits: 0, percent: true },
];
