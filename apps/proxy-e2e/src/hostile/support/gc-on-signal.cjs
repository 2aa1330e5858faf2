const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

// Loaded into the proxy before itself: SIGUSR2 collects all garbage, so that what is left is what is held.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());
