import BaritoCore

/// Writes what a session sends, as server-sent events or as NDJSON. Pure.
struct TailEncoder: Sendable {
  enum Format: Sendable { case events, ndjson }

  /// Why a session ends; closed, scripts may rely on it.
  enum End: String, Sendable, CaseIterable {
    /// All that was asked for was shown.
    case done
    /// The service stops; go on elsewhere from the cursor.
    case stopping
    /// The viewer may not read an app any more, or the app is gone.
    case forbidden
    /// A pattern takes too long.
    case pattern
    /// Kafka does not let the service read; go on later from the cursor.
    case failed
  }

  let format: Format

  var contentType: String {
    switch format {
    case .events: "text/event-stream"
    case .ndjson: "application/x-ndjson"
    }
  }

  /// - Parameters:
  ///   - at: milliseconds since 1970.
  ///   - document: one JSON object on one line; its bytes are sent as they are.
  ///   - cursor: of what comes after this line.
  func line(
    _ document: [UInt8], of app: TailApp, at: Int64, id: DocumentID, cursor: TailCursor, to output: inout [UInt8]
  ) {
    begin("line", cursor, &output)
    output.append(contentsOf: "\"app\":".utf8)
    output.append(contentsOf: app.labelJSON)
    output.append(contentsOf: ",\"at\":\"".utf8)
    (Timestamp(milliseconds: at) ?? .latest).append(to: &output)
    output.append(contentsOf: "\",\"id\":".utf8)
    id.append(jsonTo: &output)
    output.append(contentsOf: ",\"line\":".utf8)
    output.append(contentsOf: document)
    end(&output)
  }

  func gap(_ gap: Gap, labels: [AppID: String], cursor: TailCursor, to output: inout [UInt8]) {
    var json = JSONWriter()
    json.object { json in
      json.member("reason", gap.reason.rawValue)
      json.member("lines", gap.lines)
      json.array("offsets") { json in
        for passed in gap.passed {
          json.object { json in
            json.member("app", labels[passed.app] ?? "\(passed.app)")
            json.member("partition", passed.partition)
            json.member("from", passed.offsets.lowerBound)
            json.member("to", passed.offsets.upperBound)
          }
        }
      }
    }
    event("gap", json.bytes, cursor, &output)
  }

  func end(_ reason: End, _ detail: String, cursor: TailCursor, to output: inout [UInt8]) {
    var json = JSONWriter()
    json.object { json in
      json.member("reason", reason.rawValue)
      json.member("detail", detail)
    }
    event("end", json.bytes, cursor, &output)
  }

  /// Says that the session lives, and how far it is where filters let nothing through.
  ///
  /// - Parameter now: milliseconds since 1970.
  func heartbeat(now: Int64, cursor: TailCursor, to output: inout [UInt8]) {
    switch format {
    case .events:
      // An id without data moves a browser's last id and is no event to it.
      output.append(contentsOf: ": heartbeat\nid: ".utf8)
      cursor.append(to: &output)
      output.append(contentsOf: "\n\n".utf8)
    case .ndjson:
      var json = JSONWriter()
      json.value((Timestamp(milliseconds: now) ?? .latest).description)
      event("heartbeat", json.bytes, cursor, &output)
    }
  }

  /// An event whose data is JSON; in NDJSON a member of the event's name.
  private func event(_ name: String, _ json: [UInt8], _ cursor: TailCursor, _ output: inout [UInt8]) {
    switch format {
    case .events:
      output.append(contentsOf: "id: ".utf8)
      cursor.append(to: &output)
      output.append(contentsOf: "\nevent: \(name)\ndata: ".utf8)
      output.append(contentsOf: json)
      output.append(contentsOf: "\n\n".utf8)
    case .ndjson:
      output.append(contentsOf: "{\"cursor\":\"".utf8)
      cursor.append(to: &output)
      output.append(contentsOf: "\",\"\(name)\":".utf8)
      output.append(contentsOf: json)
      output.append(contentsOf: "}\n".utf8)
    }
  }

  private func begin(_ name: String, _ cursor: TailCursor, _ output: inout [UInt8]) {
    switch format {
    case .events:
      output.append(contentsOf: "id: ".utf8)
      cursor.append(to: &output)
      output.append(contentsOf: "\nevent: \(name)\ndata: {".utf8)
    case .ndjson:
      output.append(contentsOf: "{\"cursor\":\"".utf8)
      cursor.append(to: &output)
      output.append(contentsOf: "\",".utf8)
    }
  }

  private func end(_ output: inout [UInt8]) {
    output.append(contentsOf: format == .events ? "}\n\n".utf8 : "}\n".utf8)
  }
}
