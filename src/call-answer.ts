/** What the model answered, beside its reasoning. */
import type {CapturedCall} from './model.ts'

/** `undefined` where there is none. @param choice of this alternative only, where it is known */
export const answerOf = (
  call: CapturedCall | undefined,
  choice?: number | undefined,
): string | undefined => {
  const texts = (call?.items ?? []).flatMap((item) => {
    if (item.type !== 'text') return []
    const isMeant =
      choice === undefined || item.choiceIndex === undefined || item.choiceIndex === choice
    return isMeant ? [item.text] : []
  })
  return texts.length > 0 ? texts.join('\n') : undefined
}
