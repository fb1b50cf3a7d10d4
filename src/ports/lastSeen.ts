/** A device of a user. All devices that the user has not added count as one, whose id is empty. */
export type DeviceKey = { user: string; device: string };

/** `at`: in milliseconds since 1970. `online`: the device was connected then, and did not go since. */
export type Seen = { at: number; online: boolean };

/**
 * When devices were last seen. It is no fact of the log and no row of a projection: it may be lost, and then nobody is known to
 * have been seen. Rejects with any error where it is away.
 */
export type LastSeen = {
  of(keys: readonly DeviceKey[]): Promise<(Seen | undefined)[]>;
  /** The last one of a key counts. */
  note(seen: readonly (DeviceKey & Seen)[]): Promise<void>;
  forget(keys: readonly DeviceKey[]): Promise<void>;
};
