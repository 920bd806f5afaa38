/**
 * Element Plus describes its props in a way that `exactOptionalPropertyTypes` cannot read.
 * Each part that the desk uses stands in this folder with its styles, typed by what the desk passes it.
 */
export type Part<Props> = new () => {
  $props: Props & { class?: string; ariaLabel?: string }
  $slots: { default?: () => unknown }
}
