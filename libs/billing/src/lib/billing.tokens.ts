/** Stands for the `MetersOptions` that the app makes of its configuration. */
export const METERS_OPTIONS = Symbol('billing.METERS_OPTIONS');

/** Stands for a function that says how many milliseconds a whole shutdown may take. */
export const SHUTDOWN_MS = Symbol('billing.SHUTDOWN_MS');
