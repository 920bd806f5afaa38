/** The checklist engine on the phone: no screen, no network, synchronous. Twin of forms/ on the server. */

export type * from './types'
export { judge } from './judge'
export { joinKey, judgeSubmission, openSheet, splitKey, type Sheet, type SheetOptions } from './sheet'
export { describe, resolve, type JurisdictionParameters, type SiteParameters } from './limits'
export { dueItems, isDue, type Situation } from './due'
export { canonical } from './version'
export { plan, type Plan, type Why } from './move'
export { say } from './messages'
export { show } from './values'
