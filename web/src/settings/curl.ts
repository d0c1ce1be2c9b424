/** A call that can be pasted into a shell; the key comes from `CRM_API_KEY`. Pure. */
export function curl(address: string, path: string, body: object): string {
  // Within single quotes a shell takes everything as it is, but for the quote itself.
  const json = JSON.stringify(body, null, 2).replaceAll("'", String.raw`'\''`);
  return [
    `curl ${address}/${path} \\`,
    `  -H "Authorization: Bearer $CRM_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${json}'`,
  ].join("\n");
}
