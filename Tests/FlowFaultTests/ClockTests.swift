import FaultKit
import FoundationEssentials
import Glibc
import TestKit
import Testing

extension FlowFaults {
  /// Debian's `faketime`: time as a file says. Only the wall clock: the monotonic one does not jump in any machine.
  private static let faketime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

  @Test("records of both sides of midnight go to the day of each, also when they are tried again the day after")
  func midnight() async throws {
    let day: Int64 = 86_400_000
    let midnight = Int64(Date.now.timeIntervalSince1970 * 1000) / day * day
    let shape = Load.Shape(timestamps: [midnight - 1, midnight, midnight - 500, midnight + 500])
    try await FlowFaults.run(shape: shape, isFaulty: true) { run in
      run.elasticsearch.begin(.refused(status: 503), every: 2)
      try await run.progress.advance(by: 500, "records are indexed meanwhile")
      run.elasticsearch.begin(.lostAnswer, every: 2)
      try await run.progress.advance(by: 500, "records are indexed meanwhile")
      run.elasticsearch.end()
    }
  }

  @Test(
    "a clock that jumps by days, back and forth, while records are tried again changes nothing",
    .enabled(if: contents(ofFile: faketime) != nil, "Debian's faketime is not installed"),
    .disabled(
      "waits of librdkafka 2.0 and sleeps of libdispatch end by the wall clock: what waits while it jumps may stand still"
    )
  )
  func clockJumps() async throws {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let time = "\(folder)/time"
    func jump(_ offset: String) throws { try Data(offset.utf8).write(to: URL(filePath: time), options: .atomic) }
    try jump("+0")
    let environment = [
      "LD_PRELOAD": FlowFaults.faketime, "FAKETIME_TIMESTAMP_FILE": time, "FAKETIME_NO_CACHE": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    ]
    // Waits on other threads may never end under faketime, so how Flow stops there proves nothing.
    try await FlowFaults.run(environment: environment, isFaulty: true, endsCleanly: false) { run in
      try await run.progress.advance("records are indexed before")
      run.elasticsearch.begin(.refused(status: 503), every: 2)
      for offset in ["+1d", "-2d", "+400d", "+0"] {
        try jump(offset)
        try await run.progress.advance(by: 400, "records are indexed at \(offset)")
      }
      run.elasticsearch.end()
    }
  }
}
