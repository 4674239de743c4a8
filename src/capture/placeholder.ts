/** What an earlier stage's policy wrote in the place of reasoning. */

const PLACEHOLDERS = /^(?:\[reasoning(?: removed by policy|: \d{1,12} chars)\]\s?){1,1000}$/

/** Whether a text is nothing but such placeholders: something stood there, and it was withheld. */
export const isPlaceholder = (text: string): boolean =>
  text.startsWith('[reasoning') && PLACEHOLDERS.test(text)
