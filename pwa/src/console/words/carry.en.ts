/** Files of unsent work, handed in at the desk. */
import type { zh } from './carry.zh'

export const en: Record<keyof typeof zh, string> = {
  'nav.carry': 'Hand in',
  'carry.why': 'A phone without a network exports a file, and you hand it in here. It is sealed; nobody here can read it.',
  'carry.drop': 'Drop files here, or press to choose them',
  'carry.which': 'kuangjian-….txt, exported under “Records and upload” on the phone; several at once will do',
  'carry.file': 'File',
  'carry.became': 'What became of it',
  'carry.so_far': '{n} acts, {done} of them taken by the server',
  'carry.refused': '{n} acts were not taken: the file may have been changed on its way; ask for a new export',
  'carry.foreign': 'No file of Kuangjian’s: choose the kuangjian-….txt that the phone exported',
  'carry.damaged': 'Incomplete or changed: copy it again, or ask for a new export',
  'carry.receipts': 'These are receipts: give them back to the phone, to be read under “Settings, Hand in for a colleague”',
  'carry.give': 'Export the receipts',
  'carry.give_why': 'Give them back to the phone, and it knows that its work has arrived',
}
