import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";

import type { Channel } from "../../api/types";
import { App } from "../../testing/App";
import { Facts } from "./Facts";

afterEach(cleanup);

const COUNT = { preview: null, counting: false, error: null, retry: () => Promise.resolve() };

function shown(channel: Channel, body: string): string | undefined {
  render(
    <App>
      <Facts
        name="Spring"
        channel={channel}
        message={{ body }}
        count={COUNT as unknown as Parameters<typeof Facts>[0]["count"]}
        scheduleAt={null}
      />
    </App>,
  );
  return screen.queryByText("Unsubscribe link")?.nextSibling?.textContent ?? undefined;
}

it.each<[Channel, string, string | undefined]>([
  ["email", "Hi", "none in the text Mail programs show a button of their own"],
  ["email", "Hi {{ unsubscribe_url }}", "in the text"],
  ["sms", "Hi", undefined],
])("says of %s with “%s” where people unsubscribe", (channel, body, said) => {
  const found = shown(channel, body);
  if (said === undefined) expect(found).toBeUndefined();
  else expect(found?.startsWith(said)).toBe(true);
});
