/** What a registry asks for with its 401 (RFC 9110 §11.6.1, distribution token specification). */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: URL; readonly service: string | null; readonly scope: string | null }

const CHALLENGES = /(?:^|,\s*)(bearer|basic)\s+(\w+=(?:"[^"]*"|[^\s,"]+)(?:\s*,\s*\w+=(?:"[^"]*"|[^\s,"]+))*)/gi

/** The first challenge that we can meet, bearer before basic; null when there is none. */
export function readChallenge(header: string | null): Challenge | null {
  const found = [...(header ?? '').matchAll(CHALLENGES)]
  const bearer = found.find(([, scheme]) => scheme!.toLowerCase() === 'bearer')
  const parameters = new Map(
    [...(bearer?.[2] ?? '').matchAll(/(\w+)=(?:"([^"]*)"|([^\s,"]+))/g)].map(
      ([, name, quoted, bare]) => [name!.toLowerCase(), quoted ?? bare ?? ''] as const,
    ),
  )
  const realm = URL.parse(parameters.get('realm') ?? '')
  if (realm !== null && /^https?:$/.test(realm.protocol))
    return {
      scheme: 'bearer',
      realm,
      service: parameters.get('service') ?? null,
      scope: parameters.get('scope') ?? null,
    }
  return found.some(([, scheme]) => scheme!.toLowerCase() === 'basic') ? { scheme: 'basic' } : null
}
