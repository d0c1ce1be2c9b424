import { useQuery } from "@tanstack/react-query";

import { fieldCatalogue } from "../api/endpoints";
import { fieldsOf } from "./fields";

/** The fields that rules and messages may speak of. */
export function useFields() {
  return useQuery({
    queryKey: ["fields"],
    queryFn: async ({ signal }) => fieldsOf((await fieldCatalogue(signal)).data),
    staleTime: 60_000,
  });
}
