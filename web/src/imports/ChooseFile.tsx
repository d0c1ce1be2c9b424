import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { importColumns } from "../api/imports";
import type { ImportKind } from "../api/types";
import { useLimits } from "../session/useLimits";
import { importsText } from "../texts/imports";
import { button } from "../ui/button";
import { classes } from "../ui/classes";
import forms from "../ui/forms.module.css";
import layout from "../ui/layout.module.css";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { ProgressBar } from "../ui/ProgressBar";
import typography from "../ui/typography.module.css";
import styles from "./ChooseFile.module.css";
import type { Chosen } from "./chosen";

const KINDS: readonly ImportKind[] = ["customers", "orders"];

export function ChooseFile({ onChosen }: { onChosen: (chosen: Chosen) => void }) {
  const [kind, setKind] = useState<ImportKind>("customers");
  const [file, setFile] = useState<File | null>(null);
  const limits = useLimits();
  const fileId = useId();
  const isTooLarge = file !== null && limits !== undefined && file.size > limits.import_file;
  const read = useMutation({
    mutationFn: async (chosen: File) => ({
      kind,
      file: chosen,
      columns: await importColumns(chosen, kind, limits?.import_columns_sample),
    }),
    onSuccess: onChosen,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file && !isTooLarge) read.mutate(file);
  };
  return (
    <Card title={importsText.kind}>
      <form onSubmit={submit}>
        <fieldset className={styles.kinds}>
          <legend className={typography.hidden}>{importsText.kind}</legend>
          {KINDS.map((one) => (
            <label key={one} className={styles.kind}>
              <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
              <span>
                <strong>{importsText.kinds[one]}</strong>
                <span className={styles.hint}>{importsText.kindHints[one]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className={forms.label} htmlFor={fileId}>
          {importsText.file}
        </label>
        <input
          id={fileId}
          type="file"
          className={forms.medium}
          accept=".csv,.txt,.tsv,text/csv"
          aria-invalid={isTooLarge || undefined}
          aria-describedby={`${fileId}hint`}
          onChange={({ target }) => {
            setFile(target.files?.[0] ?? null);
            read.reset();
          }}
        />
        <p id={`${fileId}hint`} className={classes(forms.hint, layout.below4)}>
          {importsText.fileHint} {limits && importsText.fileLimits(limits.import_file, limits.import_rows)}
        </p>
        {isTooLarge && (
          <p className={classes(forms.fault, layout.below4)} role="alert">
            {importsText.fileTooLarge}
          </p>
        )}
        {read.error && <Problem error={read.error} title={importsText.notRead} />}
        {read.isPending && (
          <div className={layout.below4} role="status">
            <p className={layout.below1}>{importsText.reading}</p>
            <ProgressBar label={importsText.reading} />
          </div>
        )}
        <button type="submit" className={button("primary")} disabled={!file || isTooLarge || read.isPending}>
          {importsText.goOn}
        </button>
      </form>
    </Card>
  );
}
