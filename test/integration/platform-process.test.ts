import { platformContract } from '../../src/testing/platform-contract.ts'
import { givenProcess } from './platform-process-setup.ts'

platformContract('process', givenProcess)
