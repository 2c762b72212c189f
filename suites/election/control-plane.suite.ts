/** Two control planes, of which one stands by. */
import './control-plane-leases.scenario.ts'
