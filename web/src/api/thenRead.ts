/**
 * For a mutation's `onSettled`: read again what it may have changed. The button waits for that after a success.
 * An error is shown at once: a mutation counts as pending until `onSettled` ends, and a read that fails too is
 * tried again once there is a connection.
 */
export function thenRead(read: () => Promise<unknown>) {
  return (_data: unknown, error: Error | null): Promise<unknown> | undefined => {
    const done = read();
    return error === null ? done : undefined;
  };
}
