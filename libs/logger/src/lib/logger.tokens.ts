/** Stands for the root `Log`, for plain classes built by `useFactory`. */
export const LOG = Symbol('logger.LOG');
