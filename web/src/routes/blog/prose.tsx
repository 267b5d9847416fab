/** HTML of the server's making: it lets nothing through that runs, styles or loads. */
export function Prose({ html }: { html: string }) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: the server renders Markdown to safe HTML
  return <div className="prose mt-8" dangerouslySetInnerHTML={{ __html: html }} />;
}
