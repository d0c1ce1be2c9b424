import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { MemoryRouter } from "react-router";

import { keys } from "../api/keys";
import type { Role } from "../api/types";
import { createQueryClient } from "../app/queries";
import { AskDialog } from "../ui/AskDialog";
import { LIMITS } from "./limits";

interface Props {
  as?: Role;
  /** In place of one with a member of the role signed in. */
  client?: QueryClient;
  children: ReactNode;
}

/** What a component needs around it, with a member of a role signed in. */
export function App({ as = "marketer", client: given, children }: Props) {
  const [client] = useState(() => given ?? signedIn(as));
  return (
    <QueryClientProvider client={client}>
      <MemoryRouter>{children}</MemoryRouter>
      <AskDialog />
    </QueryClientProvider>
  );
}

/** A client that knows a member of a role as signed in. */
export function signedIn(role: Role) {
  const client = createQueryClient();
  client.setQueryData(keys.session.current, { email: "marketer@example.com", name: "Mira", role });
  client.setQueryData(keys.limits.all, LIMITS);
  return client;
}
