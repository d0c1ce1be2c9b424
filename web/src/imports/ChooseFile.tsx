import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";

import { importColumns } from "../api/endpoints";
import type { ImportKind } from "../api/types";
import { importsText } from "../texts/imports";
import { Card } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { ProgressBar } from "../ui/ProgressBar";
import type { Chosen } from "./chosen";

const KINDS: readonly ImportKind[] = ["customers", "orders"];

export function ChooseFile({ onChosen }: { onChosen: (chosen: Chosen) => void }) {
  const [kind, setKind] = useState<ImportKind>("customers");
  const [file, setFile] = useState<File | null>(null);
  const fileId = useId();
  const read = useMutation({
    mutationFn: async (chosen: File) => ({ kind, file: chosen, columns: await importColumns(chosen, kind) }),
    onSuccess: onChosen,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) read.mutate(file);
  };
  return (
    <Card title={importsText.kind}>
      <form onSubmit={submit}>
        <fieldset className="kinds">
          <legend className="visually-hidden">{importsText.kind}</legend>
          {KINDS.map((one) => (
            <label key={one} className="kind">
              <input
                type="radio"
                className="form-check-input"
                name="kind"
                checked={kind === one}
                onChange={() => setKind(one)}
              />
              <span>
                <strong>{importsText.kinds[one]}</strong>
                <span className="kind-hint">{importsText.kindHints[one]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="form-label" htmlFor={fileId}>
          {importsText.file}
        </label>
        <input
          id={fileId}
          type="file"
          className="form-control name-input"
          accept=".csv,.txt,.tsv,text/csv"
          aria-describedby={`${fileId}hint`}
          onChange={({ target }) => {
            setFile(target.files?.[0] ?? null);
            read.reset();
          }}
        />
        <p id={`${fileId}hint`} className="form-text mb-3">
          {importsText.fileHint}
        </p>
        {read.error && <Problem error={read.error} title={importsText.notRead} />}
        {read.isPending && (
          <div className="mb-3" role="status">
            <p className="mb-1">{importsText.reading}</p>
            <ProgressBar label={importsText.reading} />
          </div>
        )}
        <button type="submit" className="btn btn-primary" disabled={!file || read.isPending}>
          {importsText.goOn}
        </button>
      </form>
    </Card>
  );
}
