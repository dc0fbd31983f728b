import BaritoCore

/// Searches in the quarantine, as bodies, and what their answers say. Pure; plain enough for Elasticsearch 7 and 8,
/// OpenSearch and the local stand-in.
enum QuarantineSearch {
  /// One entry as it lies in the quarantine.
  struct Hit: Sendable, Equatable {
    var index: String
    var id: String
    var entry: QuarantineEntry
  }

  struct Page: Sendable, Equatable {
    var hits: [Hit] = []
    /// Where the next page begins, as JSON; nil where this is the last.
    var next: [UInt8]?
  }

  /// Entries in the order of Kafka, which also makes every place unique.
  /// - Parameter after: the `next` of the page before.
  static func page(_ filter: QuarantineFilter, after: [UInt8]?, size: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("size", size)
      json.key("query")
      filter.write(to: &json)
      json.array("sort") { json in
        for (name, type) in [("topic", "keyword"), ("partition", "integer"), ("offset", "long"), ("id", "keyword")] {
          json.object { json in
            json.object(name) { json in
              json.member("order", "asc")
              json.member("unmapped_type", type)
            }
          }
        }
      }
      if let after { json.member("search_after", json: after.span) }
    }
    return json.bytes
  }

  /// Entries by fingerprint, most first, each with its oldest and its newest entry without their bytes.
  static func groups(_ filter: QuarantineFilter, limit: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("size", 0)
      json.key("query")
      filter.write(to: &json)
      json.object("aggs") { json in
        json.object("groups") { json in
          json.object("terms") { json in
            json.member("field", "fingerprint")
            json.member("size", limit)
          }
          json.object("aggs") { json in
            for (name, order) in [("first", "asc"), ("last", "desc")] {
              json.object(name) { json in
                json.object("top_hits") { json in
                  json.member("size", 1)
                  json.array("sort") { json in
                    json.object { json in json.object("@timestamp") { $0.member("order", order) } }
                  }
                  json.object("_source") { json in
                    json.array("excludes") { json in
                      json.value("raw")
                      json.value("raw_base64")
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return json.bytes
  }

  /// - Returns: nil where the answer is none to such a search.
  static func readPage(_ body: Span<UInt8>, size: Int) -> Page? {
    do throws(JSONError) {
      let root = try JSONScanner.validate(body)
      guard let list = try member(["hits", "hits"], of: root, body), list.kind == .array else { return nil }
      var page = Page()
      var hits = JSONElements(of: list.range)
      var count = 0
      while let hit = try hits.next(in: body) {
        count += 1
        page.next = try member(["sort"], of: hit, body).map { element in
          var copy: [UInt8] = []
          copy.append(copying: body.extracting(element.range))
          return copy
        }
        guard let index = try member(["_index"], of: hit, body)?.string(in: body),
          let id = try member(["_id"], of: hit, body)?.string(in: body),
          let source = try member(["_source"], of: hit, body), let entry = QuarantineEntry(source, in: body)
        else { continue }
        page.hits.append(Hit(index: index, id: id, entry: entry))
      }
      if count < size { page.next = nil }
      return page
    } catch {
      return nil
    }
  }

  /// - Returns: the groups, and how many entries are in groups that were left out; nil where the answer is none.
  static func readGroups(_ body: Span<UInt8>) -> (groups: [QuarantineGroup], others: Int)? {
    do throws(JSONError) {
      let root = try JSONScanner.validate(body)
      // Where there is no index at all, some servers answer without aggregations.
      guard let found = try member(["aggregations", "groups"], of: root, body) else {
        return try member(["hits"], of: root, body) == nil ? nil : ([], 0)
      }
      guard let list = try member(["buckets"], of: found, body), list.kind == .array else { return nil }
      var groups: [QuarantineGroup] = []
      var buckets = JSONElements(of: list.range)
      while let bucket = try buckets.next(in: body) {
        if let group = try QuarantineGroup(bucket: bucket, in: body) { groups.append(group) }
      }
      return (groups, Int(try member(["sum_other_doc_count"], of: found, body)?.integer(in: body) ?? 0))
    } catch {
      return nil
    }
  }

  /// The value at the end of these names, each inside the one before.
  static func member(
    _ names: [String], of element: JSONElement, _ bytes: Span<UInt8>
  ) throws(JSONError) -> JSONElement? {
    var element = element
    for name in names {
      guard element.kind == .object,
        let inner = try JSONMembers.value(of: name, inObjectAt: element.range, of: bytes)
      else { return nil }
      element = inner
    }
    return element
  }
}
