/** The network in base64: a module that the build writes from `kinds.bin`. */
export declare const data: string
