import { appBundle } from '../../tools/rolldown.mjs';

export default appBundle('proxy');
