module.exports = require('../../jest.preset.js')('proxy');
