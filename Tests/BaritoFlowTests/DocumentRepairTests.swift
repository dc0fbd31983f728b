import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct DocumentRepairTests {
  private func repaired(_ document: String, _ steps: DocumentRepair.Step...) throws -> String {
    String(decoding: try DocumentRepair(steps: steps).repaired(Array(document.utf8)), as: UTF8.self)
  }

  @Test(
    "a dropped field leaves a document whose other bytes are the same",
    arguments: [
      (#"{"a":1}"#, "a", #"{}"#), (#"{ "a" : 1 }"#, "a", #"{ }"#), (#"{"a":1,"b":2}"#, "a", #"{"b":2}"#),
      (#"{"a":1, "b":1e0 ,"c":3}"#, "b", #"{"a":1, "c":3}"#), (#"{"a":1 , "b":2 }"#, "b", #"{"a":1 }"#),
      (#"{"a":1,"a":2,"b":3,"a":4}"#, "a", #"{"b":3}"#), (#"{"b":3,"a":1,"a":2}"#, "a", #"{"b":3}"#),
      (#"{"a":1,"a":2}"#, "a", #"{}"#), (#"{"x":{"y":1,"z":2},"y":3}"#, "x.y", #"{"x":{"z":2},"y":3}"#),
      (#"{"x.y":1,"x":{"y":2},"z":0}"#, "x.y", #"{"x":{},"z":0}"#),
      (#"{"x":[{"y":1},{"y":2,"z":[{"y":3}]},4]}"#, "x.y", #"{"x":[{},{"z":[{"y":3}]},4]}"#),
      (#"{"":1,".":2,"a..b":3,"a.":4}"#, "", #"{".":2,"a..b":3,"a.":4}"#),
      (#"{"":1,".":2,"a..b":3,"a.":4}"#, ".", #"{"":1,"a..b":3,"a.":4}"#),
      (#"{"":1,".":2,"a..b":3,"a.":4}"#, "a..b", #"{"":1,".":2,"a.":4}"#),
      (#"{"\u0061":1,"b":"\ud800"}"#, "a", #"{"b":"\ud800"}"#), (#"{"b":[]}"#, "a", #"{"b":[]}"#),
      (
        #"{"a":{"b":{"c":1}},"n":123456789012345678901234567890}"#, "a.b",
        #"{"a":{},"n":123456789012345678901234567890}"#
      ),
    ])
  func drop(document: String, field: String, expected: String) throws {
    #expect(try repaired(document, .drop(FieldPath(field))) == expected)
  }

  @Test("a renamed field keeps its value and its place")
  func rename() throws {
    #expect(
      try repaired(#"{"a":1,"b":{"a":[1 , 2]}}"#, .rename(FieldPath("b.a"), to: "c\""))
        == #"{"a":1,"b":{"c\"":[1 , 2]}}"#)
    #expect(
      try repaired(#"{"a":[{"n":1},{"n":2}]}"#, .rename(FieldPath("a.n"), to: "m")) == #"{"a":[{"m":1},{"m":2}]}"#)
  }

  @Test(
    "a value becomes the text of its own JSON, a text stays",
    arguments: [
      (#"{"a":1e400}"#, #"{"a":"1e400"}"#), (#"{"a":{"b":"c\n"} }"#, #"{"a":"{\"b\":\"c\\n\"}" }"#),
      (#"{"a":"x"}"#, #"{"a":"x"}"#), (#"{"a":null}"#, #"{"a":null}"#), (#"{"a":[1,"é"]}"#, #"{"a":"[1,\"é\"]"}"#),
      (#"{"a":true,"b":false}"#, #"{"a":"true","b":false}"#),
    ])
  func stringify(document: String, expected: String) throws {
    #expect(try repaired(document, .stringify(FieldPath("a"))) == expected)
  }

  @Test("steps come one after the other, and what is no JSON is not repaired")
  func steps() throws {
    let steps: [DocumentRepair.Step] = [
      .drop(FieldPath("x")), .stringify(FieldPath("a")), .rename(FieldPath("a"), to: "b"),
    ]
    #expect(try repaired(#"{"x":0,"a":{"x":1}}"#, steps[0], steps[1], steps[2]) == #"{"b":"{\"x\":1}"}"#)
    #expect(throws: JSONError.self) { try repaired(#"{"a":}"#, steps[0]) }
  }

  @Test("whatever is dropped, what is left is JSON with the other members as they were", arguments: 0..<100)
  func random(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let keys = ["a", "b", "c", "d"]
    let members = (0..<Int.random(in: 0...6, using: &random)).map { place in
      (key: keys.randomElement(using: &random) ?? "a", value: "[\(place)]")
    }
    func document(_ members: [(key: String, value: String)]) -> String {
      "{" + members.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ",") + "}"
    }
    #expect(try repaired(document(members), .drop(FieldPath("b"))) == document(members.filter { $0.key != "b" }))
  }
}
