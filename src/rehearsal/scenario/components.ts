/** What a release consists of, where that is not what the spec says: sets of components that change between releases. */
import { expected } from '../../stellwerk-yaml/expected.ts'
import { say } from '../../core/say.ts'
import { z } from 'zod'
import { readListen } from '../../core/listen.ts'
import { Name } from '../../stellwerk-yaml/name.ts'
import { PartOfBuild } from './build.ts'

const LISTEN = expected(say`an address such as 127.0.0.1:8081`)

const Component = z
  .strictObject({
    like: Name.optional().meta({
      description: 'The component of the spec that it is a copy of; absent: itself, else the first one with a router.',
    }),
    router: z
      .union([z.literal('none'), z.string(LISTEN).refine((text) => readListen(text).ok, LISTEN)])
      .optional()
      .meta({ description: 'Where its router listens; `none`: it has no router.' }),
    instances: z.int().min(1).max(1000).optional().meta({ description: 'How many instances it has.' }),
    build: PartOfBuild.prefault({}).meta({ description: 'How it behaves, where that is not how its release does.' }),
  })
  .meta({ id: 'Component', description: 'a component of a release, where it is not as in the spec' })

export const Components = z
  .record(Name, z.union([z.literal('none'), Component]))
  .prefault({})
  .meta({
    description: 'What it consists of, where that is not what the spec says; `none`: it has no component of this name.',
  })

export type Components = z.output<typeof Components>
