/** The one place that decides what a role may do: by what the API needs for it. */

import { NEEDS } from "../api/needs";
import type { Role } from "../api/types";

/** An operation of the API that needs a role: its method and path. */
export type Operation = keyof typeof NEEDS;

const RANKS: Record<Role, number> = { viewer: 0, marketer: 1, admin: 2 };

/** Whether a role may do more than another. */
export const isMore = (role: Role, other: Role): boolean => RANKS[role] > RANKS[other];

/** Whether the API lets `role` call the operation. It decides itself; this spares people what would be refused. */
export const can = (role: Role, operation: Operation): boolean => RANKS[role] >= RANKS[NEEDS[operation]];
