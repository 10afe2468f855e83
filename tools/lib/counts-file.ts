/** Environment variable that names the file in which a command of a stage writes its tally. */
export const COUNTS_FILE = 'ANNALS_TEST_COUNTS'
