/** The last branch of an exhaustive switch: a compile error when a case is missing, an exception if data lied. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
