/** Freezes a tree of objects and lists through and through. */
export function deepFreeze<T extends object>(tree: T): T {
  for (const branch of Object.values(tree) as unknown[]) {
    if (typeof branch === 'object' && branch !== null) deepFreeze(branch);
  }
  return Object.freeze(tree);
}
