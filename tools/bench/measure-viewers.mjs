import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { withLoad } from './with-load.mjs';

/** As often as a snapshot is sent. */
const SLICE_MS = 2_000;
/** Until all of them have had their first snapshot, and what their leaving leads to is done. */
const SETTLE_MS = 500;
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * Many who look at the page at once: what CPU their snapshots cost, and for how long those hold up shares. That is told
 * by the worst latency of a share in every two seconds while they look, beside as many in which nobody does: the one in
 * the middle, since the worst of all is what the machine did besides.
 */
export function measureViewers(relay, scenario) {
  const { count, times, slices } = scenario.viewers;
  return withLoad(relay, scenario, async ({ load, running, cpu, ledgerCpu }) => {
    await load.line((line) => line.event === 'begin');
    const worst = async () => (await load.ask('worst')).ms;
    // The ledger folds when it does, whoever looks.
    const used = () => cpu() - ledgerCpu();
    const span = async () => {
      const waits = [];
      const before = used();
      await worst();
      for (let slice = 0; slice < slices; slice += 1) {
        await pause(SLICE_MS);
        waits.push(await worst());
      }
      return { waits, cpu: (used() - before) / 1000 / (slices * SLICE_MS) };
    };
    const spans = [];
    for (let n = 0; n < times; n += 1) {
      const unseen = await span();
      const viewers = await Promise.all(Array.from({ length: count }, () => look(running.httpPort)));
      await pause(SETTLE_MS);
      const opening = await worst();
      const already = bytesOf(viewers);
      const viewed = await span();
      const bytes = bytesOf(viewers) - already;
      for (const { socket } of viewers) socket.destroy();
      await pause(SETTLE_MS);
      spans.push({ unseen, viewed, opening, bytes });
    }
    return {
      cpuOfViewers: middle(spans.map(({ unseen, viewed }) => viewed.cpu - unseen.cpu)),
      sentKilobytes: middle(spans.map(({ bytes }) => bytes / count / slices / 1000)),
      worstViewed: middle(spans.flatMap(({ viewed }) => viewed.waits)),
      worstUnseen: middle(spans.flatMap(({ unseen }) => unseen.waits)),
      worstOpening: middle(spans.map(({ opening }) => opening)),
    };
  });
}

/** Opens the stream of snapshots and counts what comes; resolves with the first of it. */
function look(port) {
  return new Promise((seen, fail) => {
    const viewer = { socket: undefined, bytes: 0 };
    const read = (length) => {
      if (viewer.bytes === 0) {
        const status = READ_BUFFER.toString('latin1', 0, Math.min(length, 12));
        if (!status.endsWith(' 200')) fail(new Error(`/events answers ${status}`));
      }
      viewer.bytes += length;
      seen(viewer);
      return true;
    };
    viewer.socket = connect({ port, host: '127.0.0.1', onread: { buffer: READ_BUFFER, callback: read } });
    viewer.socket.on('error', fail);
    viewer.socket.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  });
}

function bytesOf(viewers) {
  return viewers.reduce((sum, { bytes }) => sum + bytes, 0);
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
