import BaritoCore
import Curl
import FaultKit

/// What Elasticsearch holds: the other side of the account.
struct ElasticsearchLedger: Sendable {
  /// The bytes of each document's source, as they were sent.
  var documents: [KafkaLedger.Document: [UInt8]] = [:]
  /// The raw bytes of each entry of the quarantine, by the record that it came from.
  var quarantine: [KafkaLedger.Place: [UInt8]] = [:]
  /// Entries of a record that has one already.
  var doubleEntries: [KafkaLedger.Place] = []
  /// What Elasticsearch itself counts, all indices together.
  var count = 0

  /// - Parameter url: of the real server.
  static func read(_ stage: FlowStage) async throws -> ElasticsearchLedger {
    let url = stage.elasticsearch
    var ledger = ElasticsearchLedger()
    let names = "\(stage.naming.prefix)*,barito-quarantine-\(stage.naming.prefix)*"
    try await RealElasticsearch.call(url, "POST", "/\(names)/_refresh")
    let count = try await RealElasticsearch.call(url, "GET", "/\(names)/_count").body
    let number = try value("count", in: count, 0..<count.count).range
    ledger.count = Int(String(decoding: count[number], as: UTF8.self)) ?? 0
    var page = try await RealElasticsearch.call(
      url, "POST", "/\(names)/_search?scroll=1m", #"{"size":2000,"sort":["_doc"]}"#
    ).body
    while try ledger.add(page) {
      let scroll = try text("_scroll_id", in: page, 0..<page.count)
      page = try await RealElasticsearch.call(
        url, "POST", "/_search/scroll", #"{"scroll":"1m","scroll_id":"\#(scroll)"}"#
      ).body
    }
    return ledger
  }

  /// - Returns: whether there was anything on the page.
  private mutating func add(_ page: [UInt8]) throws -> Bool {
    let hits = try Self.value("hits", in: page, Self.value("hits", in: page, 0..<page.count).range)
    var elements = JSONElements(of: hits.range)
    var isEmpty = true
    while let hit = try elements.next(in: page.span) {
      isEmpty = false
      let index = try Self.text("_index", in: page, hit.range)
      let source = try Self.value("_source", in: page, hit.range).range
      if index.hasPrefix("barito-quarantine-") {
        try addEntry(page, source)
      } else {
        let id = try Self.text("_id", in: page, hit.range)
        documents[KafkaLedger.Document(index: index, id: id)] = Array(page[source])
      }
    }
    return !isEmpty
  }

  private mutating func addEntry(_ page: [UInt8], _ entry: Range<Int>) throws {
    func number(_ name: String) throws -> Int64 {
      Int64(String(decoding: page[try Self.value(name, in: page, entry).range], as: UTF8.self)) ?? -1
    }
    let place = KafkaLedger.Place(
      topic: try Self.text("topic", in: page, entry), partition: Int32(try number("partition")),
      offset: try number("offset"))
    if quarantine[place] != nil { doubleEntries.append(place) }
    if let coded = try JSONMembers.value(of: "raw_base64", inObjectAt: entry, of: page.span)?.string(in: page.span) {
      quarantine[place] = Base64.decode(Array(coded.utf8)) ?? []
    } else {
      quarantine[place] = Array(try Self.text("raw", in: page, entry).utf8)
    }
  }

  private static func value(_ name: String, in bytes: [UInt8], _ object: Range<Int>) throws -> JSONElement {
    guard let element = try JSONMembers.value(of: name, inObjectAt: object, of: bytes.span) else {
      throw Engine.Failure(description: "no \(name) in \(String(decoding: bytes[object].prefix(300), as: UTF8.self))")
    }
    return element
  }

  private static func text(_ name: String, in bytes: [UInt8], _ object: Range<Int>) throws -> String {
    JSONStringText(try value(name, in: bytes, object), in: bytes.span)?.decoded(in: bytes.span) ?? ""
  }
}
