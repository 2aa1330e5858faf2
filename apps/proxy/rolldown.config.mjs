import { appBundle } from '../../tools/rolldown.mjs';

export default appBundle('proxy', { main: 'main.ts', 'ledger-worker': 'ledger-worker.ts' });
