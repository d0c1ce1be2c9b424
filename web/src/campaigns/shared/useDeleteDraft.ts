import { useMutation, useQueryClient } from "@tanstack/react-query";

import { deleteDraft } from "../../api/campaigns";
import { keys } from "../../api/keys";
import { thenRead } from "../../api/thenRead";
import type { Campaign } from "../../api/types";
import { useForget } from "../../session/useLocalStorage";
import { campaignsText as text } from "../../texts/campaigns";
import { ask } from "../../ui/ask";
import { notify } from "../../ui/notify";
import { workName } from "./workName";

/** Deletes a draft, once its name is confirmed, with what this browser keeps of it. `onGone` comes before lists are read again. */
export function useDeleteDraft(onGone: () => void = () => undefined) {
  const client = useQueryClient();
  const forget = useForget();
  const drop = useMutation({
    mutationFn: (one: Campaign) => deleteDraft(one.id, one.version),
    onSuccess: (_, { id, name }) => {
      forget(workName({ edit: id }));
      notify({ text: text.draftDeleted(name) });
      onGone();
    },
    // Also after a refusal: somebody has changed it, and that should be seen.
    onSettled: thenRead(() => client.invalidateQueries({ queryKey: keys.campaigns.lists })),
  });
  const remove = async (one: Campaign) => {
    const agreed = await ask({
      title: text.deleteDraftTitle(one.name),
      text: text.deleteDraftText,
      action: text.deleteDraft,
      danger: true,
    });
    if (agreed) drop.mutate(one);
  };
  return { remove: (one: Campaign) => void remove(one), isPending: drop.isPending, error: drop.error };
}
