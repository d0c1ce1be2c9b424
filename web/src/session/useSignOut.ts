import { useMutation } from "@tanstack/react-query";

import { signOut } from "../api/session";
import { announce } from "./tabs";
import { forgetEverything, unsavedWork } from "./useLocalStorage";
import { useSession } from "./useSession";

interface Options {
  everywhere: boolean;
  /** Whether the person agrees to lose unsaved work, which is named. */
  agree: (unsaved: readonly string[]) => Promise<boolean>;
  onError?: () => void;
}

/** Ends this session, or all sessions of the signed-in person, and leaves the app. */
export function useSignOut({ everywhere, agree, onError }: Options) {
  const email = useSession().data?.email ?? "";
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => signOut(everywhere),
    onSuccess: () => {
      forgetEverything(email);
      announce(null);
      // The page is reloaded, so the next person to sign in sees nothing of this one.
      window.location.assign("/sign-in");
    },
    ...(onError && { onError }),
  });
  const leave = async () => {
    const unsaved = unsavedWork(email);
    if (unsaved.length === 0 || (await agree(unsaved))) mutate();
  };
  return { leave: () => void leave(), isPending, error };
}
