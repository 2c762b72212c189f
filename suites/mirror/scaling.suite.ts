/** One machine at first; others join and leave. */
import './single-node.scenario.ts'
import './scale-out.scenario.ts'
import './scale-in.scenario.ts'
