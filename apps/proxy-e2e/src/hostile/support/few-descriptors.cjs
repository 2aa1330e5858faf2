const { execFileSync } = require('node:child_process');

// Loaded into the proxy before itself. Node has raised its limit to the hard one by then, so a shell's `ulimit -Sn`
// would not last.
execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${process.env.FEW_DESCRIPTORS}`]);
