import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Member, Role } from "../api/types";
import { App } from "../testing/App";
import { serve } from "../testing/server";
import Members from "./Members";

const EMAIL = "new@example.com";
let role: Role;
let calls: ReturnType<typeof serve>;

beforeEach(() => {
  role = "viewer";
  const member = (): Member => ({ id: "m1", email: EMAIL, role, added_by: null, added_at: null });
  calls = serve({
    "GET /api/v1/members": () => ({ json: { data: [member()] } }),
    "POST /api/v1/members": () => ({ status: 201, json: member() }),
    "PUT /api/v1/members/m1": (call) => {
      role = (call.body as { role: Role }).role;
      return { json: member() };
    },
    "DELETE /api/v1/members/m1": () => ({ status: 204 }),
  });
  render(
    <App as="admin">
      <Members />
    </App>,
  );
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const writes = () => calls.filter(({ method }) => method !== "GET").map(({ method, body }) => [method, body]);
const choose = async (next: Role) =>
  fireEvent.change(await screen.findByLabelText(`Role of ${EMAIL}`), { target: { value: next } });
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const answer = async (name: string) =>
  fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name }));

it("changes a role only once it is confirmed, and asks where it allows more", async () => {
  await choose("marketer");
  await choose("admin");
  expect(writes()).toEqual([]);
  press(`Change role of ${EMAIL}`);
  await answer("Cancel");
  expect(writes()).toEqual([]);
  press(`Change role of ${EMAIL}`);
  await answer("Change role");
  await waitFor(() => expect(writes()).toEqual([["PUT", { role: "admin" }]]));
  await waitFor(() => expect(screen.queryByRole("button", { name: `Change role of ${EMAIL}` })).toBeNull());
});

it("takes a role without a question once the button is pressed", async () => {
  role = "admin";
  cleanup();
  render(
    <App as="admin">
      <Members />
    </App>,
  );
  await choose("viewer");
  press(`Change role of ${EMAIL}`);
  await waitFor(() => expect(writes()).toEqual([["PUT", { role: "viewer" }]]));
});

it("removes nobody without a question", async () => {
  await screen.findByLabelText(`Role of ${EMAIL}`);
  press(`Remove ${EMAIL}`);
  await answer("Cancel");
  expect(writes()).toEqual([]);
  press(`Remove ${EMAIL}`);
  await answer("Remove");
  await waitFor(() => expect(writes()).toEqual([["DELETE", null]]));
});

it("gives a new member the least role unless another is chosen", async () => {
  fireEvent.change(screen.getByLabelText("E-mail"), { target: { value: EMAIL } });
  press("Add member");
  await waitFor(() => expect(writes()).toEqual([["POST", { email: EMAIL, role: "viewer" }]]));
});
