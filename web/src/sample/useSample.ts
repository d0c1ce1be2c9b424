import { useMutation, useQueryClient } from "@tanstack/react-query";

import { isOutside } from "../api/keys";
import { loadSample, readOverview, removeSample } from "../api/overview";
import { thenRead } from "../api/thenRead";
import type { Overview } from "../api/types";
import { sampleText } from "../texts/sample";
import { ask } from "../ui/ask";
import { notify } from "../ui/notify";

const LOOK_EVERY_MS = 500;
/** Records are stored within seconds; after so many polls the page shows what is there by then. */
const LOOKS = 60;

/** Load the sample data, and be done when it is stored; clear it, once that is confirmed. */
export function useSample() {
  const client = useQueryClient();
  // What is not about customers stays as it is.
  const renew = thenRead(() =>
    client.invalidateQueries({ predicate: isOutside("session", "members", "apiKeys", "fields", "limits") }),
  );
  const load = useMutation({
    mutationFn: async () => {
      const before = await readOverview();
      const loaded = await loadSample();
      await stored(before, before.customers + loaded.customers);
      return loaded;
    },
    onSuccess: ({ customers }) => notify({ text: sampleText.loaded(customers) }),
    // Also when it failed: some of it may have come about.
    onSettled: renew,
  });
  const clear = useMutation({
    mutationFn: removeAll,
    onSuccess: () => notify({ text: sampleText.cleared }),
    onSettled: renew,
  });
  const askToClear = async () => {
    const { ask: title, askText: text, clear: action } = sampleText;
    if (await ask({ title, text, action, danger: true })) clear.mutate();
  };
  return { load, clear, askToClear };
}

/** All customers are there, and no more orders come. How many of them count is known to the server alone. */
async function stored(before: Overview, customers: number): Promise<void> {
  let orders = before.orders;
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const about = await readOverview();
    if (about.customers >= customers && about.orders > before.orders && about.orders === orders) return;
    orders = about.orders;
  }
}

async function removeAll(): Promise<void> {
  while ((await removeSample()).left > 0);
}
