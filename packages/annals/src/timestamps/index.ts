export { checkTimestamp, requestTimestamp, type Timestamp } from './rfc3161.ts'
