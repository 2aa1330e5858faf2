/** Stands for the `MetersOptions` that the app makes of its configuration. */
export const METERS_OPTIONS = Symbol('billing.METERS_OPTIONS');
