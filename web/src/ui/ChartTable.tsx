import { appText } from "../texts/app";
import type { ChartProps } from "./chartProps";
import { TableFrame } from "./TableFrame";

/** What a chart shows, for whoever does not see it. */
export function ChartTable({ label, axis, x, series, format }: ChartProps) {
  return (
    <details className="chart-table">
      <summary>{appText.figuresOf(label)}</summary>
      <TableFrame label={appText.figuresOf(label)}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{axis}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className="number">
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
                  <td key={name} className="number">
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
