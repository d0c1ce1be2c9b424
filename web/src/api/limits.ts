/** What the server takes. It refuses the rest; the web app only says so before. */
export const limits = {
  /** Characters of a campaign's or a segment's name, of a search. */
  name: 200,
  search: 200,
  apiKeyName: 100,
  email: 254,
  subject: 2_000,
  /** Messages a minute. */
  slowestRate: 10,
  fastestRate: 1_000_000,
  /** Groups within groups of a rule tree. */
  ruleDepth: 5,
  /** Records of a batch that a shop system posts. */
  batch: 1_000,
  /** Bytes of a file that are read in order to guess its columns. */
  columnsSample: 256 * 1024,
  /** Days that the audit log goes back. */
  auditDays: 400,
} as const;
