export { ApiServer, type Trouble } from "./api_server.ts";
export { ClusterModel, type KubernetesObject, problem, type Question, type Told } from "./cluster_model.ts";
export { VirtualTime } from "./virtual_time.ts";
