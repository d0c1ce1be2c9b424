import { useQuery } from "@tanstack/react-query";

import { fieldsQuery } from "../api/audience";
import type { CatalogueEntry } from "../api/types";
import { fieldsOf } from "./fields";

const select = ({ data }: { data: CatalogueEntry[] }) => fieldsOf(data);

/** The fields that rules and messages may speak of. */
export function useFields() {
  return useQuery({ ...fieldsQuery, select });
}
