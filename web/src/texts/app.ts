/** Words of the frame, and those that several pages share. */

export const appText = {
  product: "CRM",
  tagline: "Build an audience, write to it, watch it arrive.",
  skip: "Skip to content",
  version: (name: string) => `Version ${name}`,
  places: {
    name: "Main",
    home: "Home",
    customers: "Customers",
    segments: "Segments",
    campaigns: "Campaigns",
    settings: "Settings",
    help: "Help",
  },
  signOut: "Sign out",
  signOutAsk: {
    title: "Sign out with unsaved work?",
    text: "You have unsaved work in this browser, and signing out discards it:",
    action: "Sign out and discard it",
    stay: "Stay",
  },
  signOutFailed: "You are still signed in",
  roles: { viewer: "Viewer", marketer: "Marketer", admin: "Administrator" },
  theme: {
    name: "Theme",
    auto: "Like the system",
    light: "Light",
    dark: "Dark",
    /** The button that goes on to the next theme. */
    now: (theme: string) => `Theme: ${theme}. Change it`,
  },

  loading: "Loading…",
  goingTo: "Loading the page…",
  cancel: "Cancel",
  close: "Close",
  save: "Save",
  tryAgain: "Try again",
  undo: "Undo",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Select and copy it",
  previous: "Previous",
  next: "Next",
  pagesOf: (what: string) => `Pages of ${what}`,
  nothing: "–",
  typeToConfirm: (word: string) => `Type “${word}” to go on`,
  figuresOf: (what: string) => `${what} in figures`,
  chartFailed: "The chart could not be drawn; its figures are below.",

  offline: {
    title: "The connection is lost.",
    text: "What you see may be old. What you typed is kept. This page continues as soon as the server answers.",
    back: "Connected again.",
  },
  ended: {
    title: "Please sign in again",
    text: "Your session has ended. What you were doing stays as it is.",
  },
  unavailable: "The CRM is not available",
  brokenPage: "This page could not be shown",
  chunkNotLoaded: "A part of it could not be loaded. There may be a newer version of the CRM.",
  notFound: {
    title: "There is no such page",
    text: "The address may be old or mistyped.",
    home: "Go to the start",
  },

  notAllowed: {
    title: "Your role does not open this page",
    text: "An administrator can give you another role.",
  },

  problem: {
    unreached: "The server cannot be reached. Check the connection and try again.",
    answered: (status: number) => `The server answered ${status}.`,
    tooMany: (seconds: number) =>
      `There were too many calls in a short time. It goes on in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`,
    correct: "Please correct this:",
    safe: "Nothing was lost; try again in a moment.",
    unknown: "Something went wrong.",
    /** Inputs by their label. */
    paths: {
      audience: "Audience",
      email: "E-mail",
      file: "File",
      mapping: "Columns",
      name: "Name",
      rate: "Rate",
      role: "Role",
      schedule_at: "Time",
      "message.body": "Text",
      "message.subject": "Subject",
    } as Record<string, string>,
  },
} as const;
