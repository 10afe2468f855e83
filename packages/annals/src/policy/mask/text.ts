/** What stands in a text where a secret stood. */
export const MASKED = '[masked]'

/** Replaces the value of a name, or leaves it by returning it as it is. */
export type ReplaceNamed = (name: string, value: string) => string

/** What a text must hold for anything to be found in it. */
const WORTH = /[=:]|eyJ|bearer\s|basic\s|-----BEGIN/i

const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g
const BEARER = /\b(bearer\s+)([\w.~+/-]{6,}=*)/gi
/** Base64 of a name and a password: prose such as "basic authentication" has neither digits nor capitals after it. */
const BASIC = /\b(basic\s+)(?=\S*[0-9A-Z=+/])([\w+/-]{6,}=*)/g
const USERINFO = /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/?#@:]*:)([^\s/?#@]+)@/gi
const FORM_PART =
  /(content-disposition:[^\r\n]*?\bname="?([^"\r\n;]*)"?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)([\s\S]*?)(?=\r?\n--|$)/gi
const HEADER = /^([ \t>]*([\w.-]{2,64})[ \t]*:[ \t]*)(\S.*)$/gm
/** A field of a query or form: its value may hold anything but `&`. */
const FIELD = /((?:^|[?&])([^=&?\s]{1,128})=)([^&\r\n]+)/g
/** `name=value` and `name: value`, either in quotes, which may be escaped. What follows is no value when it is a name of its own. */
const PAIR =
  /(?<![\w.\-[\]%+])([\w.\-[\]%+]{2,128})((?:\\*["'])?\s*[=:]\s*)(?![\w.\-[\]%+]{2,128}\s*[=:]\s)("(?:[^"\\]|\\.)*"?|'[^']*'?|\\+"[^"]*"?|[^\s&]+)/g

/**
 * A text without the secrets in it: values of masked names in query strings, forms, multipart bodies, headers, JSON and
 * assignments; passwords in URLs; bearer and basic credentials, JSON Web Tokens and private keys wherever they stand.
 */
export function maskText(text: string, replace: ReplaceNamed): string {
  if (!WORTH.test(text)) return text
  const named = (whole: string, before: string, name: string, value: string): string => {
    const replaced = value === MASKED ? value : replace(decoded(name), value)
    return replaced === value ? whole : before + replaced
  }
  return text
    .replace(PEM, MASKED)
    .replace(FORM_PART, named)
    .replace(HEADER, named)
    .replace(FIELD, named)
    .replace(PAIR, pairMasker(replace))
    .replace(USERINFO, (whole, before: string, value: string) =>
      value === MASKED ? whole : `${before}${MASKED}@`,
    )
    .replace(BEARER, `$1${MASKED}`)
    .replace(BASIC, `$1${MASKED}`)
    .replace(JWT, MASKED)
}

type MaskPair = (whole: string, name: string, between: string, value: string) => string

function pairMasker(replace: ReplaceNamed): MaskPair {
  const mask: MaskPair = (whole, name, between, value) => {
    const [open, bare, close] = unquoted(value)
    if (bare === MASKED || bare === '') return whole
    const replaced = replace(decoded(name), bare)
    // What is no secret may hold one: `left: password=…`.
    const inner = replaced === bare ? bare.replace(PAIR, mask) : replaced
    return inner === bare ? whole : name + between + open + inner + close
  }
  return mask
}

function unquoted(value: string): readonly [open: string, bare: string, close: string] {
  const found = /^(\\*["'])([\s\S]*?)(\\*["'])?$/.exec(value)
  return found === null ? ['', value, ''] : [found[1] ?? '', found[2] ?? '', found[3] ?? '']
}

/** A name of a query or form, percent-decoded where it can be. */
function decoded(name: string): string {
  if (!name.includes('%')) return name
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
