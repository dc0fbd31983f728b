import Postgres
import PostgresTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ValueTests {
  /// Sends a value as a type of the server and reads it back.
  private func roundTrip<Value: PostgresValue & Equatable>(
    _ values: [Value], as type: String, location: SourceLocation = #_sourceLocation
  ) async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      try await connection.execute("CREATE TABLE t (v \(raw: type))")
      for value in values {
        try await connection.execute("INSERT INTO t VALUES (\(value))")
        let rows = try await connection.query("SELECT v FROM t WHERE v IS NOT DISTINCT FROM \(value)::\(raw: type)")
        #expect(try rows.map { try $0["v", as: Value.self] } == [value], sourceLocation: location)
        try await connection.execute("TRUNCATE t")
      }
      await connection.close()
    }
  }

  @Test("integers of every width")
  func integers() async throws {
    try await roundTrip([0, -1, Int.max, Int.min], as: "bigint")
    try await roundTrip([0, Int64.max, Int64.min], as: "bigint")
    try await roundTrip([0, Int32.max, Int32.min], as: "integer")
  }

  @Test("doubles, exactly")
  func doubles() async throws {
    try await roundTrip(
      [0, 0.1, -1e300, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity],
      as: "double precision")
  }

  @Test("booleans")
  func booleans() async throws { try await roundTrip([true, false], as: "boolean") }

  @Test("an empty text is not null")
  func optionalTexts() async throws { try await roundTrip([nil, "", "NULL", "x"] as [String?], as: "text") }

  @Test("texts of any Unicode, quotes and backslashes")
  func texts() async throws {
    try await roundTrip(
      ["", " ", "'", "\"", "\\", "\n\t", "žluťoučký", "日本", "👩‍🚀", "e\u{301}", "$1 %s {a,b}"], as: "text")
  }

  @Test("bytes with zeros")
  func bytes() async throws {
    try await roundTrip([[], [0], [0, 1, 0, 255], Array(0...255)] as [[UInt8]], as: "bytea")
    try await roundTrip([nil, []] as [[UInt8]?], as: "bytea")
  }

  @Test("arrays")
  func arrays() async throws {
    try await roundTrip([[], [1], [1, -2, Int.max]] as [[Int]], as: "bigint[]")
    try await roundTrip(
      [[], [""], ["NULL", "null", "a,b", "{}", "\"q\"", "\\", " ", "é"]] as [[String]], as: "text[]")
    try await roundTrip([[nil, "NULL", ""], [nil]] as [[String?]], as: "text[]")
    try await roundTrip([[true, false]], as: "boolean[]")
    try await roundTrip([nil, []] as [[Int]?], as: "bigint[]")
  }

  @Test("times to the millisecond, from long before to long after now")
  func timestamps() async throws {
    let values: [Int64] = [
      0, 1, -1, 999, 1_700_000_000_123, 951_782_400_000, 951_868_799_999, 4_102_444_800_000, -2_208_988_800_000,
      -62_135_596_800_000, -62_135_596_800_001, -62_198_755_200_000, 253_402_300_800_000,
    ]
    try await roundTrip(values.map { PostgresTimestamp(milliseconds: $0) }, as: "timestamptz")
  }

  @Test("times agree with the server's own reckoning")
  func epoch() async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let rows = try await connection.query(
        """
        SELECT t, (extract(epoch FROM t) * 1000)::bigint AS ms
        FROM generate_series('1896-02-25'::timestamptz, '2105-03-05', '17 days 3 hours 7.123 seconds') AS t
        """)
      #expect(rows.count > 4000)
      for row in rows {
        #expect(try row["t", as: PostgresTimestamp.self].milliseconds == row["ms", as: Int64.self])
      }
      await connection.close()
    }
  }

  @Test("JSON, UUIDs and enumerations are texts")
  func textual() async throws {
    try await roundTrip([#"{"a": [1, null, "é"]}"#].map { PostgresJSON($0) }, as: "jsonb")
    try await roundTrip(["0191f0c2-7a5b-7c3d-8e4f-001122334455"], as: "uuid")
  }

  @Test("a value of another type, a null and a missing column are decoding errors that show no value")
  func decodingErrors() async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let row = try #require(try await connection.query("SELECT 'secret' AS a, NULL AS b").first)
      for column in ["a", "b", "c"] {
        let error = #expect(throws: PostgresError.self) { _ = try row[column, as: Int.self] }
        #expect(error?.code == .decoding)
        #expect(error?.description.contains("secret") == false)
      }
      let nothing = try row["b", as: Int?.self]
      #expect(nothing == nil)
      await connection.close()
    }
  }

  @Test("a text with a zero byte is refused, not cut")
  func zeroByte() async throws {
    try await withTemporaryDatabase { url in
      let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
      let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT \("a\0b")::text") }
      #expect(error?.code == .invalidRequest)
      #expect(try await connection.query("SELECT 1 AS one").count == 1)
      await connection.close()
    }
  }
}
