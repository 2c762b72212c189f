/** Field failure 1, and what the policies of others are. */
import './api-egress-blocked.scenario.ts'
