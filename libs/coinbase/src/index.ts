export { readCoinbase, type Coinbase, type Payout } from './lib/coinbase';
export { BITCOIN_ADDRESSES, LITECOIN_ADDRESSES, addressOf, scriptOf, type AddressForm } from './lib/address';
