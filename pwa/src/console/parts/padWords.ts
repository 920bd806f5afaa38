import { t } from '../i18n'

/** The words on the signature pad, in the language of now. */
export const padWords = () => ({
  title: t('pad.title'),
  here: t('pad.here'),
  clear: t('pad.clear'),
  undo: t('pad.undo'),
  done: t('pad.done'),
  cancel: t('common.cancel'),
  too_little: t('pad.too_little'),
})
