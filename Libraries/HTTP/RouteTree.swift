/// Patterns as a tree of path segments, so that the cost of a match is the length of the path.
struct RouteTree: Sendable {
  struct Route: Sendable {
    var pattern: String
    /// The names of the placeholders, in order.
    var names: [String]
    var intake: Routes.Intake
  }

  enum Match {
    case found(Route, [String: String])
    case otherMethods(pattern: String, [String])
    case nothing
  }

  private struct Node: Sendable {
    var literals: [String: Int] = [:]
    var placeholder: Int?
    var tail: Int?
    var methods: [String: Route] = [:]
  }

  private var nodes = [Node()]
  /// Patterns without placeholders by their whole path: most requests need no walk.
  private var whole: [String: Int] = [:]

  mutating func add(_ method: String, _ pattern: String, _ intake: @escaping Routes.Intake) {
    precondition(pattern.hasPrefix("/"), "the pattern \(pattern) must begin with a slash")
    var node = 0
    var names: [String] = []
    let parts = pattern == "/" ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.hasPrefix("{"), part.hasSuffix("...}") {
        precondition(index == parts.count - 1, "the tail of the pattern \(pattern) must be its end")
        names.append(String(part.dropFirst().dropLast(4)))
        node = child(node, \.tail)
      } else if part.hasPrefix("{"), part.hasSuffix("}") {
        names.append(String(part.dropFirst().dropLast()))
        node = child(node, \.placeholder)
      } else if let next = nodes[node].literals[String(part)] {
        node = next
      } else {
        nodes[node].literals[String(part)] = nodes.count
        node = nodes.count
        nodes.append(Node())
      }
    }
    precondition(nodes[node].methods[method] == nil, "\(method) \(pattern) is registered twice")
    nodes[node].methods[method] = Route(pattern: pattern, names: names, intake: intake)
    if names.isEmpty { whole[pattern] = node }
  }

  private mutating func child(_ node: Int, _ slot: WritableKeyPath<Node, Int?>) -> Int {
    if let next = nodes[node][keyPath: slot] { return next }
    let next = nodes.count
    nodes.append(Node())
    nodes[node][keyPath: slot] = next
    return next
  }

  func match(method: String, path: String, segments: [String]) -> Match {
    var values: [String] = []
    guard let node = whole[path] ?? find(segments[...], from: 0, &values) else { return .nothing }
    let methods = nodes[node].methods
    if let route = methods[method] ?? (method == "HEAD" ? methods["GET"] : nil) {
      return .found(
        route, values.isEmpty ? [:] : Dictionary(zip(route.names, values)) { _, last in last })
    }
    let allowed = methods.keys + (methods["GET"] != nil && methods["HEAD"] == nil ? ["HEAD"] : [])
    return .otherMethods(pattern: methods.values.first?.pattern ?? "", allowed.sorted())
  }

  /// Depth first, literal before placeholder before tail, back out of branches without a route.
  private func find(_ rest: ArraySlice<String>, from node: Int, _ values: inout [String]) -> Int? {
    guard let segment = rest.first else { return nodes[node].methods.isEmpty ? nil : node }
    if let next = nodes[node].literals[segment], let found = find(rest.dropFirst(), from: next, &values) {
      return found
    }
    if let next = nodes[node].placeholder, !segment.isEmpty {
      values.append(segment)
      if let found = find(rest.dropFirst(), from: next, &values) { return found }
      values.removeLast()
    }
    if let next = nodes[node].tail {
      values.append(rest.joined(separator: "/"))
      return next
    }
    return nil
  }
}
