/** The table of detectors. Where two finds overlap, the label of the one further up is written. */
import {card} from './detectors/card.ts'
import {email} from './detectors/email.ts'
import {iban} from './detectors/iban.ts'
import {ip} from './detectors/ip.ts'
import {jwt} from './detectors/jwt.ts'
import {key} from './detectors/key.ts'
import {phone} from './detectors/phone.ts'
import type {Detector} from './detectors/subject.ts'

/** Names of the built-in detectors. @public */
export type DetectorName = 'jwt' | 'key' | 'email' | 'iban' | 'card' | 'ip' | 'phone'

/** Every detector, the surest first: a card number is not also a telephone number. */
export const DETECTORS: readonly Detector[] = [jwt, key, email, iban, card, ip, phone]

/** Every detector's name. */
export const DETECTOR_NAMES: readonly DetectorName[] = DETECTORS.map(
  ({name}) => name as DetectorName,
)
