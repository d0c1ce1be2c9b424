import { importResults } from "../api/imports";
import type { ImportState } from "../api/types";
import { formatCount } from "../texts/format";
import { importsText } from "../texts/imports";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import { Icon } from "../ui/Icon";
import layout from "../ui/layout.module.css";
import { TableFrame } from "../ui/TableFrame";
import { Tile, Tiles } from "../ui/Tiles";
import tables from "../ui/tables.module.css";
import typography from "../ui/typography.module.css";

const FIGURES = ["rows", "created", "updated", "skipped", "invalid"] as const;

/** The column says already which field it is. */
const withoutPath = (reason: string) => reason.replace(/^[\w.]+: /, "");

/** Figures of an import, the rows that cannot be taken and why, and all rows as a file. */
export function Outcome({ outcome }: { outcome: ImportState }) {
  const words = outcome.dry_run ? importsText.wouldOutcome : importsText.outcome;
  const { problemColumns: columns } = importsText;
  return (
    <>
      <Tiles>
        {FIGURES.map((figure) => (
          <Tile key={figure} name={words[figure]} value={formatCount(outcome[figure])} testId={`import-${figure}`} />
        ))}
      </Tiles>
      {outcome.problems.length > 0 && (
        <section className={layout.below4}>
          <h3>{importsText.problems}</h3>
          <p className={forms.hint}>{importsText.problemsLead(outcome.problems.length, outcome.invalid)}</p>
          <TableFrame label={importsText.problems}>
            <table className={classes(tables.table, tables.stack)}>
              <thead>
                <tr>
                  <th scope="col">{columns.row}</th>
                  <th scope="col">{columns.column}</th>
                  <th scope="col">{columns.value}</th>
                  <th scope="col">{columns.reason}</th>
                </tr>
              </thead>
              <tbody>
                {outcome.problems.map(({ row, column, value, reason }) => (
                  <tr key={`${row} ${column} ${reason}`}>
                    <td>
                      <span>
                        <span className={tables.stackLabel}>{columns.row} </span>
                        {formatCount(row)}
                      </span>
                    </td>
                    <td data-label={columns.column} className={typography.anywhere} dir="auto">
                      {column || "–"}
                    </td>
                    <td data-label={columns.value} className={typography.anywhere} dir="auto">
                      {value || "–"}
                    </td>
                    <td data-label={columns.reason}>{column ? withoutPath(reason) : reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </section>
      )}
      <p>
        <a className={layout.cluster} href={importResults(outcome.id)} download>
          <Icon name="download" />
          {importsText.results}
        </a>
      </p>
    </>
  );
}
