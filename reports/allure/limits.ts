/** Bytes of one attachment beyond which a text says instead what it is and where it lies: a report is opened on phones too. */
export const attachmentLimit = 5 * 1_024 * 1_024
