export const OVERVIEW_KEY = ["overview"] as const;
