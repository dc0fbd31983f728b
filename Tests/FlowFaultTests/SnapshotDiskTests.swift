import BaritoCore
import Glibc
import TestKit
import Testing

extension FlowFaults {
  @Test(
    "a full disk under the snapshot stops no line, and leaves the last snapshot whole",
    .enabled(if: getuid() == 0, "only root can make a small disk"))
  func fullDisk() async throws {
    let disk = try makeTemporaryFolder()
    defer { removeFolder(disk) }
    let isMounted = mount("tmpfs", disk, "tmpfs", 0, "size=64k") == 0
    try #require(isMounted, "no small disk: \(String(cString: strerror(errno)))")
    defer { umount2(disk, CInt(MNT_DETACH)) }
    let stage = try await FlowStage(try #require(FlowServers.current))
    let market = FeedServer(stage.profiles)
    let load = Load(stage)
    let snapshot = "\(disk)/flow.snapshot"
    let flow = try await FlowProcess(stage, settings: ["market.url": market.url, "snapshot.path": snapshot])
    do {
      try await eventually(within: .seconds(60), "there is a snapshot") { !(contents(ofFile: snapshot) ?? []).isEmpty }
      let first = contents(ofFile: snapshot)
      try fill("\(disk)/rest")
      market.change()
      try await eventually(within: .seconds(60), "Flow says that it cannot keep what it heard") {
        flow.log.contains("snapshot") && flow.log.contains("WARNING")
      }
      try await load.run(perSecond: 1000, total: 3000)
      try await stage.expectBalance { flow.lastWords }
      #expect(contents(ofFile: snapshot) == first, "the last one is whole")
      await flow.kill()
      try await flow.start()
      try await load.run(perSecond: 1000, total: 3000, name: "again")
      try await stage.expectBalance { flow.lastWords }
    } catch {
      Issue.record("\(error)\n\(flow.lastWords)")
    }
    await flow.remove()
  }

  private func fill(_ path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 0x78, count: 4096)
    while write(descriptor, block, block.count) > 0 {}
    close(descriptor)
  }
}

/// Market as far as the profile feed goes.
private final class FeedServer: Sendable {
  private let server: RawServer
  private let page: Guarded<ProfilePage>
  var url: String { server.url }

  init(_ first: ProfilePage) {
    let page = Guarded(first)
    self.page = page
    server = RawServer { connection in
      while let request = connection.readRequest() {
        let now = page.with { $0 }
        // Whoever has it waits for the next; here, by asking again.
        let isKnown = request.line.contains("after=\(now.version)")
        let answer = isKnown ? ProfilePage(version: now.version) : now
        if isKnown { usleep(100_000) }
        let body = String(decoding: (try? WireJSON.encode(answer)) ?? [], as: UTF8.self)
        connection.answer(body, headers: "Content-Type: application/json\r\n")
      }
    }
  }

  /// There is a new version that says the same.
  func change() { page.with { $0.version += 1 } }
}
