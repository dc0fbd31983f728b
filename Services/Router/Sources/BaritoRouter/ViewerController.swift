import BaritoCore
import BaritoService
import HTTP

/// The viewer's listener: the way to a group's Kibana, `/<cluster_name>/…`.
///
/// It says what it finds of a group. Lending Kibana to people who are signed in comes with the viewer's own issue; until
/// then nothing is let through.
struct ViewerController: Sendable {
  let profiles: ProfileFeed

  var routes: Routes {
    var routes = Routes()
    routes.get("/ping") { _ in .text("OK") }
    for pattern in ["/{cluster}", "/{cluster}/{path...}"] {
      routes.get(pattern) { answer(ClusterName($0.parameters["cluster"] ?? "")) }
    }
    return routes
  }

  private func answer(_ cluster: ClusterName) -> HTTPResponse {
    guard let group = profiles.read({ $0.groups[cluster] }) else {
      return .problem(
        ProblemDocument(
          status: 404, code: "unknown_group", title: "There is no such group",
          detail: "No app group has the cluster name \(cluster); the group's page in Barito names it."))
    }
    guard group.cluster?.kibanaURL != nil else {
      return .problem(
        ProblemDocument(
          status: 404, code: "no_kibana", title: "The group has no Kibana",
          detail: "The cluster of group \(group.name) was provisioned without Kibana."))
    }
    return .problem(
      ProblemDocument(
        status: 501, code: "not_lent", title: "Kibana is not reached this way yet",
        detail: "Open the Kibana of group \(group.name) at its own address."))
  }
}
