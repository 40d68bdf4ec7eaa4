/** Our own lint rules; `.oxlintrc.json` loads them, `test/house-lint.test.ts` shows each of them fire. */
import { noClass } from './rules/no-class.ts'
import { noModuleState } from './rules/no-module-state.ts'
import { rooms } from './rules/rooms.ts'

export default {
  meta: { name: 'stellwerk' },
  rules: { rooms, 'no-class': noClass, 'no-module-state': noModuleState },
}
