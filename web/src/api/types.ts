/** What travels, as the server writes it: a file a feature. Times are ISO 8601 in UTC. */

export type * from "./types/audience";
export type * from "./types/campaigns";
export type * from "./types/customers";
export type * from "./types/home";
export type * from "./types/imports";
export type * from "./types/rules";
export type * from "./types/segments";
export type * from "./types/session";
export type * from "./types/settings";
export type * from "./types/shared";
