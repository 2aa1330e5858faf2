/** Stands for `RelayOptions`; the app provides it from its configuration. */
export const RELAY_OPTIONS = Symbol('relay.OPTIONS');

/** Stands for `SessionTapFactory`; the app binds the adapter that looks at sessions. */
export const SESSION_TAP_FACTORY = Symbol('relay.SESSION_TAP_FACTORY');
