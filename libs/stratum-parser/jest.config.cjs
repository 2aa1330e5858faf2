module.exports = require('../../jest.preset.js')('stratum-parser');
