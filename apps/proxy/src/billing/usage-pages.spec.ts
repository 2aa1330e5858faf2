import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Response } from 'express';
import { DocumentSigner, type UsageQuery, type UsageStore } from '@mining-proxy/billing';
import { Viewer } from '../http/access.guard';
import { BillingController } from '../http/billing.controller';
import { StatementSigner } from './statement-signer';
import { usageCsv } from './usage-pages';

describe('usageCsv', () => {
  it('has all rows under one head, in the largest pages, each asked for when the one before was taken', async () => {
    const asked: UsageQuery[] = [];
    const usage = (query: UsageQuery) => {
      asked.push(query);
      const page = asked.length;
      return Promise.resolve({
        rows: [{ page: String(page) }],
        ...(page < 3 ? { next: `after ${page}` } : {}),
      });
    };
    const pages = usageCsv({ usage }, { groupBy: ['hour'], limit: 5 });
    const texts: unknown[] = [];
    for (let page = 1; page <= 3; page += 1) {
      texts.push((await pages.next()).value);
      expect(asked).toHaveLength(page);
    }
    expect(texts.join('')).toBe('page\r\n1\r\n2\r\n3\r\n');
    expect((await pages.next()).done).toBe(true);
    expect(asked).toEqual([
      { groupBy: ['hour'], limit: 10_000 },
      { groupBy: ['hour'], limit: 10_000, cursor: 'after 1' },
      { groupBy: ['hour'], limit: 10_000, cursor: 'after 2' },
    ]);
  });
});

describe('GET /billing/usage as CSV', () => {
  /** A table of a year's rows must not stand in memory because somebody reads it over a slow line. */
  it('makes no more pages than its reader takes, and none for a reader who has gone', async () => {
    let pages = 0;
    const rows = Array.from({ length: 1_000 }, () => ({ worker: 'x'.repeat(1_000) }));
    const usage = () => Promise.resolve({ rows, next: String((pages += 1)) });
    const controller = new BillingController(
      { reports: { usage } } as unknown as UsageStore,
      new StatementSigner(new DocumentSigner(null)),
    );
    let answered: Promise<unknown> | undefined;
    const server = createServer((_request, response) => {
      answered = controller.usage(new Viewer(), { format: 'csv' }, asExpress(response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const request = get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    let seen = -1;
    while (seen !== pages) {
      seen = pages;
      await pause(100);
    }
    // What the sockets of both sides hold is some megabytes at most.
    expect(pages).toBeLessThan(50);
    response.destroy();
    await answered;
    expect(pages).toBeLessThan(seen + 3);
    server.close();
  });
});

function asExpress(response: ServerResponse): Response {
  return Object.assign(response, {
    type: (type: string) => response.setHeader('content-type', type),
  }) as never;
}
