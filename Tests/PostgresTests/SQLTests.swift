import Testing

@testable import Postgres

@Suite struct SQLTests {
  @Test("what is interpolated is a value, what is literal is SQL")
  func interpolation() {
    let id = 7
    let name: String? = nil
    let sql: SQL = "SELECT * FROM apps WHERE id = \(id) AND name = \(name) AND ok = \(true)"
    #expect(sql.text == "SELECT * FROM apps WHERE id = $1 AND name = $2 AND ok = $3")
    #expect(sql.values == ["7", nil, "t"])
  }

  @Test(
    "an injection attempt stays a value",
    arguments: ["'; DROP TABLE apps; --", "\" OR 1=1", "$1", "\\'; SELECT pg_sleep(9)", "\\(id)"])
  func injection(text: String) {
    let sql: SQL = "SELECT \(text)"
    #expect(sql.text == "SELECT $1")
    #expect(sql.values == [text])
  }

  @Test("parts keep their values in order when they are joined")
  func concatenation() {
    let conditions: [SQL] = ["a = \(1)", "b = \(2)", "c IS NULL"]
    var sql: SQL = "SELECT \(0) FROM t WHERE \(conditions.joined(separator: " AND "))"
    sql += " LIMIT \(3)"
    #expect(sql.text == "SELECT $1 FROM t WHERE a = $2 AND b = $3 AND c IS NULL LIMIT $4")
    #expect(sql.values == ["0", "1", "2", "3"])
    #expect(([SQL]()).joined(separator: ", ").text == "")
    #expect(("a" as SQL + "b \(1)" + "c").text == "ab $1c")
  }

  @Test("a name is quoted whatever it holds")
  func identifiers() {
    let sql: SQL = "TABLE \(identifier: "we\"ird; DROP") \(raw: "LIMIT 1")"
    #expect(sql.text == "TABLE \"we\"\"ird; DROP\" LIMIT 1")
    #expect(sql.values == [])
  }

  @Test("an array is one value")
  func arrays() {
    let sql: SQL = "SELECT \([1, 2, 3]), \(["a\"b", "c\\d", ""]), \([0, 255] as [UInt8])"
    #expect(sql.text == "SELECT $1, $2, $3")
    #expect(sql.values == [#"{"1","2","3"}"#, #"{"a\"b","c\\d",""}"#, #"\x00ff"#])
  }

  @Test(
    "a malformed array text is not read",
    arguments: ["", "{", "}", "{a", "{{a},{b}}", "{a,}", #"{"a}"#, #"{"a"b}"#, "[0:1]={a,b}"])
  func malformedArrays(text: String) { #expect([String].fromPostgres(text) == nil) }
}
