import { appText } from "../texts/app";
import styles from "./Chart.module.css";
import type { ChartProps } from "./chartProps";
import { TableFrame } from "./TableFrame";
import tables from "./tables.module.css";

/** What a chart shows, for people who do not see it. */
export function ChartTable({ label, axis, x, series, format }: ChartProps) {
  return (
    <details className={styles.figures}>
      <summary>{appText.figuresOf(label)}</summary>
      <TableFrame label={appText.figuresOf(label)}>
        <table className={tables.table}>
          <thead>
            <tr>
              <th scope="col">{axis}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className={tables.number}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {x.map((at, index) => (
              <tr key={at}>
                <th scope="row">{at}</th>
                {series.map(({ name, values }) => (
                  <td key={name} className={tables.number}>
                    {format(values[index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </details>
  );
}
