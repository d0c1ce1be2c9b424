import { Link } from "react-router";

import { appText } from "../texts/app";
import { Page } from "../ui/Page";

/** In place of a page that the role of the signed-in person does not open. */
export function NotAllowed() {
  const { title, text } = appText.notAllowed;
  return (
    <Page title={title}>
      <p>
        {text} <Link to="/">{appText.notFound.home}</Link>.
      </p>
    </Page>
  );
}
