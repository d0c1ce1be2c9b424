import { Link } from "react-router";

import { appText } from "../texts/app";
import { Page } from "../ui/Page";

export function NotFound() {
  const { title, text, home } = appText.notFound;
  return (
    <Page title={title}>
      <p>
        {text} <Link to="/">{home}</Link>.
      </p>
    </Page>
  );
}
