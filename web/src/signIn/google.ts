/** Google's own sign-in button. Its script is the only one from elsewhere, and is loaded only where it is used. */

import { sessionText } from "../texts/session";

const SCRIPT = "https://accounts.google.com/gsi/client";

interface GoogleIdentity {
  initialize(options: { client_id: string; nonce: string; callback: (answer: { credential: string }) => void }): void;
  renderButton(parent: HTMLElement, options: { theme: string; size: string; text: string; width: number }): void;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
}

declare global {
  interface Window {
    google?: { accounts: { id: GoogleIdentity } };
    trustedTypes?: TrustedTypes;
  }
}

/** Shows the button in `parent`; `onCredential` gets the ID token, which holds the nonce. */
export async function showGoogleButton(
  parent: HTMLElement,
  clientId: string,
  nonce: string,
  onCredential: (credential: string) => void,
): Promise<void> {
  loading ??= load();
  const google = await loading;
  google.initialize({
    client_id: clientId,
    nonce,
    callback: ({ credential }) => onCredential(credential),
  });
  const theme = document.documentElement.dataset.theme === "dark" ? "filled_black" : "outline";
  google.renderButton(parent, { theme, size: "large", text: "signin_with", width: 280 });
}

let loading: Promise<GoogleIdentity> | null = null;

function load(): Promise<GoogleIdentity> {
  return new Promise((resolve, reject) => {
    const fail = () => {
      loading = null;
      reject(new Error(sessionText.unloaded));
    };
    const script = document.createElement("script");
    script.src = trusted(SCRIPT);
    script.async = true;
    script.onerror = fail;
    script.onload = () => (window.google ? resolve(window.google.accounts.id) : fail());
    document.head.append(script);
  });
}

/** The page's policy takes script addresses only from a Trusted Types policy; ours knows a single one. */
function trusted(url: string): string {
  const createScriptURL = (wanted: string) => {
    if (wanted !== SCRIPT) throw new TypeError(`${wanted} is not a script of ours`);
    return wanted;
  };
  return window.trustedTypes?.createPolicy("crm-google-sign-in", { createScriptURL }).createScriptURL(url) ?? url;
}
