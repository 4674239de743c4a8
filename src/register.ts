/**
 * `node --import otel-reasoning/register app.js`: a program that nobody instrumented gets its model
 * calls, their reasoning and its tools as traces. Importing it is all there is to do.
 */
import {register} from './register/register.ts'

const registration = register()

/**
 * Sends what has ended, for a program that is frozen and not ended (a function in a cloud). A
 * program that ends need not call it. Resolves at once where the application has a tracer provider
 * of its own. Never rejects.
 *
 * @public
 */
export const flush = (): Promise<void> => registration.flush().catch(() => {})
