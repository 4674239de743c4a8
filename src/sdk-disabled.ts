/** `OTEL_SDK_DISABLED`: the standard switch that turns all of it off. */
export const isSdkDisabled = (): boolean =>
  typeof process === 'object' && process.env?.['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
