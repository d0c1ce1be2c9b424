import type { ImportMapping } from "../api/types";
import { humanize } from "../audience/fields";
import { importsText } from "../texts/imports";
import { Callout } from "../ui/Badge";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { TableFrame } from "../ui/TableFrame";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";
import type { Chosen } from "./chosen";
import styles from "./Mapping.module.css";
import { faultsOf, withField } from "./mapping";

interface Props {
  chosen: Chosen;
  mapping: ImportMapping;
  onChange: (mapping: ImportMapping) => void;
  onBack: () => void;
  onReady: () => void;
}

/** Each column of the file, with what it becomes. */
export function Mapping({ chosen: { file, columns: found }, mapping, onChange, onBack, onReady }: Props) {
  const { columns } = importsText;
  const { missing, twice } = faultsOf(found, mapping);
  const delimiter = importsText.delimiters[found.delimiter] ?? found.delimiter;
  return (
    <Card
      title={importsText.mappingTitle}
      lead={`${importsText.mappingLead(file.name, found.columns.length)} ${importsText.format(found.encoding, delimiter)}`}
    >
      {found.problems.map((problem) => (
        <Callout key={problem} tone="warn">
          <p>{problem}</p>
        </Callout>
      ))}
      <TableFrame label={importsText.mappingTitle}>
        <table className={classes(tables.table, tables.middle, tables.stack, styles.mapping)}>
          <thead>
            <tr>
              <th scope="col">{columns.column}</th>
              <th scope="col">{columns.samples}</th>
              <th scope="col">{columns.field}</th>
            </tr>
          </thead>
          <tbody>
            {found.columns.map(({ name, samples, attribute }) => (
              <tr key={name}>
                <td className={classes(typography.anywhere, typography.strong)} dir="auto">
                  {name}
                </td>
                <td data-label={columns.samples} className={classes(typography.anywhere, typography.quiet)} dir="auto">
                  {samples.join(" · ") || "–"}
                </td>
                <td>
                  <select
                    className={forms.small}
                    aria-label={importsText.fieldOf(name)}
                    value={mapping[name] ?? ""}
                    onChange={({ target }) => onChange(withField(mapping, name, target.value || null))}
                  >
                    <option value="">{importsText.leaveOut}</option>
                    <optgroup label={importsText.known}>
                      {found.fields.map((field) => (
                        <option key={field.name} value={field.name}>
                          {field.label}
                          {field.required ? " *" : ""}
                        </option>
                      ))}
                    </optgroup>
                    {attribute && (
                      <optgroup label={importsText.custom}>
                        <option value={`attributes.${attribute}`}>{humanize(attribute)}</option>
                      </optgroup>
                    )}
                  </select>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <div role="status" className={layout.above4}>
        {missing.length > 0 && <Callout tone="warn" title={importsText.missing(missing.join(", "))} />}
        {twice.map((label) => (
          <Callout key={label} tone="warn" title={importsText.twice(label)} />
        ))}
      </div>
      <div className={layout.actions}>
        <button
          type="button"
          className={button("primary")}
          disabled={missing.length > 0 || twice.length > 0}
          onClick={onReady}
        >
          {importsText.tryOut}
        </button>
        <button type="button" className={button("neutral")} onClick={onBack}>
          {importsText.again}
        </button>
      </div>
    </Card>
  );
}
