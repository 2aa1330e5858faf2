/** Stands for the `ProxySettings` in force. */
export const PROXY_CONFIG = Symbol('config.PROXY_CONFIG');

/** Stands for the `IdentitySettings` in force. */
export const IDENTITY_CONFIG = Symbol('config.IDENTITY_CONFIG');

/** Stands for the `readonly ClientSettings[]` in force. */
export const CLIENTS_CONFIG = Symbol('config.CLIENTS_CONFIG');

/** Stands for the `BillingSettings` in force. */
export const BILLING_CONFIG = Symbol('config.BILLING_CONFIG');
