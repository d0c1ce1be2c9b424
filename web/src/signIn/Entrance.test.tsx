import { readFileSync } from "node:fs";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";

import { keys } from "../api/keys";
import { createQueryClient } from "../app/queries";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import { Entrance } from "./Entrance";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("offers at first the account of a local installation that README names", async () => {
  const [, named] = /sign in as `?(\w+@example\.com)/.exec(readFileSync("../README.md", "utf8")) ?? [];
  serve({ "GET /api/v1/session/config": () => ({ json: { identity_url: "/identity" } }) });
  const client = createQueryClient();
  client.setQueryData(keys.session.current, null);
  render(
    <App client={client}>
      <Entrance />
    </App>,
  );
  expect((await screen.findByLabelText<HTMLInputElement>("E-mail")).value).toBe(named);
});
