/// Profiles as a service keeps them on disk: compact, because a Router that knows 100,000 apps shall start in a second.
///
/// The line `barito-profiles 2`, then one message of protobuf's wire format:
///
/// | field of the page | | field of an app | |
/// |---|---|---|---|
/// | 1 | version | 1 | id |
/// | 2 | number of Routers | 2 | place of its cluster's name among fields 4 |
/// | 3 | a group, as JSON | 3, 4 | name, topic name |
/// | 4 | a cluster's name | 5 | hash of a secret, 32 bytes |
/// | 5 | an app | 6, 7 | lines and bytes per second |
/// | 6 | how many apps; the last field | 8 | days that lines are kept |
/// | | | 9 | overload policy, as JSON has it |
/// | | | 10 to 12 | inactive, probe, deleted |
///
/// What has its default value is left out. Without its last field a file was cut off, and is refused as a whole: apps that
/// are not in it would seem not to exist. A file without that first line is the JSON of a `ProfilePage`, as the feed
/// sends it and as earlier versions kept it.
public enum ProfileSnapshot {
  /// Why bytes are no snapshot.
  public struct Fault: Error, CustomStringConvertible {
    public let description: String
  }

  private static let head = Array("barito-profiles 2\n".utf8)

  public static func encode(_ page: ProfilePage) throws -> [UInt8] {
    var writer = ProtobufWriter(appendingTo: head)
    writer.integer(1, page.version)
    if let routers = page.routers { writer.integer(2, Int64(routers)) }
    for group in page.groups {
      let json = try WireJSON.encode(group)
      writer.bytes(3, json.span)
    }
    var places: [ClusterName: Int] = [:]
    for app in page.apps where places[app.clusterName] == nil {
      places[app.clusterName] = places.count
      writer.string(4, app.clusterName.rawValue)
    }
    for app in page.apps { writer.message(5) { append(app, cluster: places[app.clusterName] ?? 0, to: &$0) } }
    writer.integer(6, Int64(page.apps.count))
    return writer.bytes
  }

  private static func append(_ app: AppProfile, cluster: Int, to message: inout ProtobufWriter) {
    message.integer(1, app.id.rawValue)
    if cluster > 0 { message.varint(2, UInt64(cluster)) }
    message.string(3, app.name)
    message.string(4, app.topicName)
    for secret in app.secrets {
      let hash = secret.bytes
      message.bytes(5, hash.span)
    }
    if let lines = app.limits.linesPerSecond { message.integer(6, Int64(lines)) }
    if let bytes = app.limits.bytesPerSecond { message.integer(7, Int64(bytes)) }
    message.integer(8, Int64(app.retentionDays))
    if app.overload != .refuse { message.string(9, app.overload.rawValue) }
    if app.status == .inactive { message.varint(10, 1) }
    if app.isProbe { message.varint(11, 1) }
    if app.isDeleted { message.varint(12, 1) }
  }

  public static func decode(_ bytes: [UInt8]) throws -> ProfilePage {
    guard bytes.starts(with: head) else { return try WireJSON.decode(ProfilePage.self, from: bytes) }
    let span = bytes.span
    var page = ProfilePage(version: 0)
    var clusters: [ClusterName] = []
    var count: Int?
    var reader = ProtobufReader(head.count..<bytes.count)
    while let field = try reader.nextField(in: span) {
      switch (field.number, field.wireType) {
      case (1, .varint): page.version = Int64(truncatingIfNeeded: try reader.varint(in: span))
      case (2, .varint): page.routers = try number(&reader, span)
      case (3, .lengthDelimited):
        page.groups.append(
          try WireJSON.decode(GroupProfile.self, from: Array(bytes[try reader.lengthDelimited(in: span)])))
      case (4, .lengthDelimited): clusters.append(ClusterName(try text(&reader, span)))
      case (5, .lengthDelimited): page.apps.append(try app(try reader.lengthDelimited(in: span), span, clusters))
      case (6, .varint): count = try number(&reader, span)
      default: try reader.skip(field, in: span)
      }
    }
    guard count == page.apps.count else {
      throw Fault(description: "the snapshot was cut off: it has \(page.apps.count) apps of \(count ?? 0)")
    }
    return page
  }

  private static func app(
    _ range: Range<Int>, _ bytes: Span<UInt8>, _ clusters: [ClusterName]
  ) throws -> AppProfile {
    var app = AppProfile(id: AppID(0), clusterName: ClusterName(""), name: "", topicName: "")
    var cluster = 0
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .varint): app.id = AppID(Int64(truncatingIfNeeded: try reader.varint(in: bytes)))
      case (2, .varint): cluster = try number(&reader, bytes)
      case (3, .lengthDelimited): app.name = try text(&reader, bytes)
      case (4, .lengthDelimited): app.topicName = try text(&reader, bytes)
      case (5, .lengthDelimited): app.secrets.append(try secret(&reader, bytes))
      case (6, .varint): app.limits.linesPerSecond = try number(&reader, bytes)
      case (7, .varint): app.limits.bytesPerSecond = try number(&reader, bytes)
      case (8, .varint): app.retentionDays = try number(&reader, bytes)
      case (9, .lengthDelimited):
        let policy = try text(&reader, bytes)
        guard let overload = AppProfile.Overload(rawValue: policy) else {
          throw Fault(description: "app \(app.id) has an overload policy that is not known here: \(policy)")
        }
        app.overload = overload
      case (10, .varint): app.status = try reader.varint(in: bytes) == 0 ? .active : .inactive
      case (11, .varint): app.isProbe = try reader.varint(in: bytes) != 0
      case (12, .varint): app.isDeleted = try reader.varint(in: bytes) != 0
      default: try reader.skip(field, in: bytes)
      }
    }
    guard clusters.indices.contains(cluster) else {
      throw Fault(description: "app \(app.id) is of a cluster that is not named: number \(cluster)")
    }
    app.clusterName = clusters[cluster]
    return app
  }

  private static func number(_ reader: inout ProtobufReader, _ bytes: Span<UInt8>) throws -> Int {
    Int(truncatingIfNeeded: try reader.varint(in: bytes))
  }

  private static func text(_ reader: inout ProtobufReader, _ bytes: Span<UInt8>) throws -> String {
    let range = try reader.lengthDelimited(in: bytes)
    var copy: [UInt8] = []
    copy.append(copying: bytes.extracting(range))
    guard let text = String(validating: copy, as: UTF8.self) else {
      throw Fault(description: "what stands at byte \(range.lowerBound) is not UTF-8")
    }
    return text
  }

  private static func secret(_ reader: inout ProtobufReader, _ bytes: Span<UInt8>) throws -> SecretHash {
    let range = try reader.lengthDelimited(in: bytes)
    var copy: [UInt8] = []
    copy.append(copying: bytes.extracting(range))
    guard let hash = SecretHash(bytes: copy) else {
      throw Fault(description: "a secret's hash is 32 bytes; at byte \(range.lowerBound) stand \(range.count)")
    }
    return hash
  }
}
