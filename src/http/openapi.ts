import type { Api } from './route.ts'

type Config = Parameters<Api['getOpenAPI31Document']>[0]

export function openApiConfig(version: string): Config {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stellwerk',
      version,
      description:
        'Release control plane. Every route under /api needs "Authorization: Bearer TOKEN"; refusals are RFC 9457 problems. Moments are milliseconds since the Unix epoch.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:7070' }],
    tags: [
      { name: 'rollouts', description: 'Plan, start and read rollouts.' },
      { name: 'intents', description: 'What a person wants of a rollout under way.' },
      { name: 'incidents', description: 'Records of disturbances: seen, looked after, over.' },
      { name: 'events', description: 'The log, live.' },
      { name: 'status', description: 'What users get now.' },
      { name: 'artifacts', description: 'What can be released: content, and what each version is made of.' },
      { name: 'policies', description: 'What an environment demands of every release.' },
      { name: 'rehearsals', description: 'What was tried of the ways back.' },
      { name: 'audit', description: 'The tamper-evident log as a whole.' },
      { name: 'tokens', description: 'Who may call this API.' },
    ],
  }
}

/** The description of every route, as `/openapi.json` serves it. */
export function openApiDocument(api: Api, version: string): object {
  return api.getOpenAPI31Document(openApiConfig(version))
}
