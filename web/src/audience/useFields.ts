import { useQuery } from "@tanstack/react-query";

import { fieldsQuery } from "../api/audience";
import type { Fields } from "../api/types";
import { fieldsOf } from "./fields";

const select = ({ data }: Fields) => fieldsOf(data);

/** The fields that rules and messages may speak of. */
export function useFields() {
  return useQuery({ ...fieldsQuery, select });
}
