/** Words of signing in. */

export const sessionText = {
  title: "Sign in",
  unavailable: "Sign-in is not available",
  failed: "You are not signed in",
  email: "E-mail",
  accounts: "Accounts of this local installation",
  local: {
    owner: "Owner, may do everything",
    marketer: "Marketer, may send campaigns",
    viewer: "Viewer, may look",
  },
  /** A write that is stopped, as it would be made in another person's name. */
  another: (mine: string, other: string | undefined) =>
    other
      ? `This page is ${mine}’s, and ${other} has signed in in another tab. Nothing was changed. Reload the page to go on as ${other}.`
      : `This page is ${mine}’s, who has signed out in another tab. Nothing was changed. Reload the page to sign in.`,
  unloaded: "Google’s sign-in could not be loaded. Check the connection, then reload this page.",
} as const;
