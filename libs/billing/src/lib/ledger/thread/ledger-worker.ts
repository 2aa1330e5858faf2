import type { FromLedger, LedgerPort, LedgerRefusal, ToLedger } from './ledger-protocol';
import { LedgerService, type LedgerOptions } from './ledger-service';

/**
 * The body of the ledger's thread: `runLedgerWorker(workerData, parentPort)` is all that its entry file has to
 * say. Returns at once; the thread ends when it was told to stop.
 */
export function runLedgerWorker(
  options: LedgerOptions,
  port: LedgerPort<FromLedger, ToLedger> & { close(): void },
): void {
  const service = new LedgerService(options, (status) => port.postMessage({ type: 'status', status }));
  service.start();
  port.on('message', (message) => {
    switch (message.type) {
      case 'synced':
        service.synced(message.journal);
        break;
      case 'ask':
        void answer(service, message, port);
        break;
      case 'hurry':
        service.hurry();
        break;
      case 'rates':
        service.setRates(message.rates);
        break;
      case 'export':
        service.setExport(message.options);
        break;
      case 'stop':
        void service.stop().finally(() => port.close());
    }
  });
}

async function answer(
  service: LedgerService,
  { id, report, parameters }: ToLedger & { type: 'ask' },
  port: LedgerPort<FromLedger, ToLedger>,
): Promise<void> {
  try {
    const ask = service[report].bind(service) as (...all: readonly unknown[]) => Promise<unknown>;
    port.postMessage({ type: 'answer', id, answer: await ask(...parameters) });
  } catch (error) {
    port.postMessage({ type: 'refusal', id, refusal: refusalOf(error) });
  }
}

function refusalOf(error: unknown): LedgerRefusal {
  if (!(error instanceof Error)) return { code: 'LEDGER_ERROR', message: String(error) };
  const { code, journals } = error as { code?: unknown; journals?: readonly string[] };
  return {
    code: typeof code === 'string' ? code : 'LEDGER_ERROR',
    message: error.message,
    ...(journals ? { journals } : {}),
  };
}
