/** Which column of a file becomes which field: pure. */

import type { ImportColumns, ImportMapping } from "../api/types";

/** What the server guessed, a field never twice. */
export function guessed({ columns }: Pick<ImportColumns, "columns">): ImportMapping {
  const taken = new Set<string>();
  const mapping: ImportMapping = {};
  for (const { name, field } of columns) {
    if (field === null || taken.has(field)) continue;
    taken.add(field);
    mapping[name] = field;
  }
  return mapping;
}

/** The mapping with another field for a column, or none. */
export function withField(mapping: ImportMapping, column: string, field: string | null): ImportMapping {
  const { [column]: _, ...rest } = mapping;
  return field === null ? rest : { ...rest, [column]: field };
}

/** Labels of fields that have to be there and are not, and of those that are there twice. */
export function faultsOf({ fields }: Pick<ImportColumns, "fields">, mapping: ImportMapping) {
  const used = Object.values(mapping);
  return {
    missing: fields.filter(({ name, required }) => required && !used.includes(name)).map(({ label }) => label),
    twice: fields.filter(({ name }) => used.filter((one) => one === name).length > 1).map(({ label }) => label),
  };
}
