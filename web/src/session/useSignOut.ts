import { useMutation } from "@tanstack/react-query";

import { signOut } from "../api/session";
import { announce } from "./tabs";
import { forgetEverything } from "./useLocalStorage";

/** Ends this session, or all sessions of the signed-in person, and leaves the app. */
export function useSignOut(options: { everywhere: boolean; onError?: () => void }) {
  return useMutation({
    mutationFn: () => signOut(options.everywhere),
    onSuccess: () => {
      forgetEverything();
      announce(null);
      // The page is reloaded, so the next person to sign in sees nothing of this one.
      window.location.assign("/sign-in");
    },
    ...(options.onError && { onError: options.onError }),
  });
}
