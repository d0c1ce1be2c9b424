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
  unloaded: "Google’s sign-in could not be loaded. Check the connection, then reload this page.",
} as const;
