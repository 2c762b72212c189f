/** Field failure 2: a file of its own, since it takes as long as all others together. */
import './stale-leader.scenario.ts'
