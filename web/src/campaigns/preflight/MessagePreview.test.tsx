import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { EVERYONE } from "../../audience/wire";
import { App } from "../../testing/App";
import { CATALOGUE } from "../../testing/catalogue";
import { serve } from "../../testing/server";
import { MessagePreview } from "./MessagePreview";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ONE = { key: "k1", customer_id: "C1", name: "Mira", email: null };

function show(isSound: boolean) {
  const rendered = { key: "k1", subject: null, body: "Hi Mira", warnings: [] };
  serve({
    "GET /api/v1/segments/fields": () => ({ json: { data: CATALOGUE } }),
    "POST /api/v1/audience/preview": () => ({ json: { matched: 4, sample: [ONE] } }),
    "POST /api/v1/messages/previews": () =>
      isSound ? { json: { data: [rendered] } } : { status: 422, json: { detail: "Not valid." } },
  });
  render(
    <App>
      <MessagePreview
        message={{ body: "Hi {{ customer.name }}" }}
        channel="simulator"
        rules={EVERYONE}
        people={[ONE as never]}
      />
    </App>,
  );
}

it("says how many lack a field of a message that can be shown", async () => {
  show(true);
  expect((await screen.findByTestId("lacking")).textContent).toContain("4 people of this audience lack a field");
});

it("says nothing of that beside a message that cannot", async () => {
  show(false);
  await screen.findByText("This message cannot be sent yet");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(screen.queryByTestId("lacking")).toBeNull();
});
