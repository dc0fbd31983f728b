import BaritoCore
import Curl
import FaultKit
import Kafka
import TestKit
import Testing

extension FlowFaults {
  @Test("while the index of one app is read-only the others go on, and it goes on by itself afterwards")
  func readOnly() async throws {
    try await FlowFaults.run { run in
      try await run.progress.advance("records are indexed before")
      let (shop, desk) = (run.stage.topics[0], run.stage.topics[1])
      let index = "/\(run.stage.naming.prefix)shop-*/_settings"
      try await run.servers.elasticsearch.call("PUT", index, #"{"index.blocks.write":true}"#)
      try await eventually(within: .seconds(60), "its lanes are parked") {
        (await run.flow.metric("barito_flow_parked_lanes") ?? 0) > 0
      }
      let stuck = try await run.progress.now()
      try await run.progress.advance(by: 500, "the other app goes on") { $0.topic == desk }
      let now = try await run.progress.now()
      for partition in run.stage.topicPartitions where partition.topic == shop && stuck.lag(of: partition) > 0 {
        #expect(now.lag(of: partition) > 0, "\(partition) waits")
      }
      try await run.servers.elasticsearch.call("PUT", index, #"{"index.blocks.write":null}"#)
      try await run.progress.advance(by: 500, "the app goes on") { $0.topic == shop }
    }
  }

  @Test("a disk that fills up to the flood stage costs time and nothing else")
  func watermark() async throws {
    try await FlowFaults.run { run in
      let elasticsearch = run.servers.elasticsearch
      try await run.progress.advance("records are indexed before")
      // So much free space no disk has. Elasticsearch looks at it each ten seconds.
      try await elasticsearch.call("PUT", "/_cluster/settings", settings(threshold: true, #""100000gb""#, #""10s""#))
      do {
        try await eventually(within: .seconds(90), "the indices are read-only") {
          let index = "/\(run.stage.naming.prefix)*/_settings?flat_settings=true"
          return try await elasticsearch.call("GET", index).text.contains("read_only_allow_delete")
        }
        // One more round of ten seconds at least in which Flow has to wait.
        try await Task.sleep(for: .seconds(3))
      } catch {
        Issue.record("\(error)")
      }
      try await elasticsearch.call("PUT", "/_cluster/settings", settings(threshold: nil, "null", "null"))
      try await run.progress.advance(by: 500, within: .seconds(120), "records are indexed again")
    }
  }

  private func settings(threshold: Bool?, _ watermark: String, _ interval: String) -> String {
    let disk = "cluster.routing.allocation.disk"
    return """
      {"persistent":{"\(disk).threshold_enabled":\(threshold.map { "\($0)" } ?? "null"),"\(disk).watermark.low":\(watermark),
      "\(disk).watermark.high":\(watermark),"\(disk).watermark.flood_stage":\(watermark),"cluster.info.update.interval":\(interval)}}
      """
  }
}
