export { agentApp } from "./agent_app.ts";
export type {
  AgentContext,
  AgentCounts,
  AgentState,
  BackendState,
  Begun,
  Work,
  WorkState,
} from "./agent_context.ts";
export { WORKS } from "./agent_context.ts";
export { AGENT_METRICS, type AgentMetric } from "./agent_metrics.ts";
export { AGENT_SITE } from "./agent_site.ts";
