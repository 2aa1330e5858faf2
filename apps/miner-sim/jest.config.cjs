module.exports = require('../../jest.preset.js')('miner-sim');
