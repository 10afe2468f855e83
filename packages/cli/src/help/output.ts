/** `annals help output`. */
export function outputTopic(): string {
  return `Output

Data goes to stdout; everything else (progress, notes, warnings, errors) to stderr. -q leaves out notes and progress.

  -o table      columns fitted to the terminal (default on a terminal)
  -o wide       more columns, nothing cut
  -o tsv        tab-separated full values, times in UTC, no header unless --header (default in a pipe)
                columns: time outcome actor action target ip id
  -o json       one array; [] when there is nothing
  -o ndjson     one object a line; nothing when there is nothing. Lossless
  -o csv        RFC 4180 with a header; cells that a spreadsheet would run as formulas begin with ', unless --csv-raw
  -o sentence   one sentence a line
  -o id         one id a line

--fields a,b.c picks columns or members: time recorded outcome actor what target ip corr id index sentence, or a path into the
event such as actor.id, targets.0.type, tags.env, origin.requestId.

Control characters, direction marks and invisible characters in events are written as \\u{…}, in JSON as \\uXXXX.
In a pipe or file csv escapes control characters only; tabs and line ends stay, in quotes. For exact values use ndjson.
Colour is used on a terminal only; see "annals help environment". With -o json errors are JSON as well:
{"error":{"code","message","hint"}}, with "requestId" when a server refused.
`
}
