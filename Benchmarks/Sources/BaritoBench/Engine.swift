/// The program that starts real servers for tests.
struct Engine: Sendable, Equatable {
  let program: String

  struct Running {
    /// As the program prints it.
    var address: String
    /// Its name with its version.
    var title: String
    /// Where it keeps what is its own.
    var folder: String
  }

  /// Starts a server, which is stopped at the end.
  func start(_ kind: String, _ options: [String], _ children: Children) throws -> Running {
    let folder = "\(children.folder)/\(kind)"
    let home = try children.run("\(kind)-unpack", program, ["unpack", kind], within: .seconds(120))
    // Before the start: an interrupted start may leave a server behind.
    children.atEnd {
      guard let stop = try? children.start("\(kind)-stop", program, ["stop", folder]) else { return }
      stop.awaitEnd(within: .seconds(40))
    }
    let address = try children.run(
      "\(kind)-start", program, ["start", kind, folder] + options, within: .seconds(150))
    return Running(
      address: address, title: home.split(separator: "/").last.map(String.init) ?? kind, folder: folder)
  }
}
