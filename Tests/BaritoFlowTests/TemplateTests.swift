import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct TemplateTests {
  @Test("a server says what it is")
  func server() {
    func read(_ text: String) -> SearchServer? { SearchServer(Array(text.utf8).span) }
    #expect(read(#"{"version":{"number":"8.19.8","build_flavor":"default"}}"#) == SearchServer(.elasticsearch, 8, 19))
    #expect(read(#"{"version":{"distribution":"opensearch","number":"2.19.3"}}"#) == SearchServer(.openSearch, 2, 19))
    #expect(read(#"{"version":{"number":"9.0.0-SNAPSHOT"}}"#) == SearchServer(.elasticsearch, 9, 0))
    for text in ["", "{}", "[]", #"{"version":{"number":"eight"}}"#, #"{"version":8}"#, "<html>"] {
      #expect(read(text) == nil, "\(text)")
    }
  }

  @Test("each server is asked for what it has, and for less when it refuses that")
  func features() {
    func best(_ server: SearchServer?) -> TemplateFeatures { TemplateFeatures.candidates(for: server)[0] }
    #expect(best(SearchServer(.elasticsearch, 8, 19)) == .init(dropsFieldsBeyondLimit: true, sideField: .flattened))
    #expect(best(SearchServer(.elasticsearch, 9, 1)) == .init(dropsFieldsBeyondLimit: true, sideField: .flattened))
    #expect(best(SearchServer(.elasticsearch, 8, 12)) == .init(dropsFieldsBeyondLimit: false, sideField: .flattened))
    #expect(best(SearchServer(.elasticsearch, 7, 17)) == .init(dropsFieldsBeyondLimit: false, sideField: .flattened))
    #expect(best(SearchServer(.openSearch, 2, 19)) == .init(dropsFieldsBeyondLimit: false, sideField: .flatObject))
    #expect(best(SearchServer(.openSearch, 1, 3)) == .plain)
    for server in [nil, SearchServer(.elasticsearch, 9, 0), SearchServer(.openSearch, 3, 0)] {
      #expect(TemplateFeatures.candidates(for: server).last == .plain)
    }
  }

  private func judge(_ there: String, _ wanted: String...) -> TemplateOutcome? {
    judge(answer: #"{"index_templates":[{"name":"n","index_template":\#(there)}]}"#, wanted)
  }

  private func judge(answer: String, _ wanted: [String]) -> TemplateOutcome? {
    TemplateStore.judge(Array(answer.utf8).span, version: 2, wanted.map { Array($0.utf8) })
  }

  @Test("a template is not written when it is there already, however the server spells it")
  func equal() {
    let wanted =
      #"{"index_patterns":["a*"],"priority":150,"version":2,"template":{"settings":{"index.codec":"best_compression","index.number_of_shards":1},"mappings":{"dynamic":false}}}"#
    let spelled =
      #"{"index_patterns":["a*"],"template":{"settings":{"index":{"number_of_shards":"1","codec":"best_compression"}},"mappings":{"dynamic":"false"}},"composed_of":[],"version":2,"priority":150}"#
    #expect(judge(spelled, wanted) == .current)
    #expect(judge(spelled, #"{"version":2}"#, wanted) == .current)
  }

  @Test("an older or a changed one is replaced, a newer one is not")
  func versions() {
    let wanted = #"{"index_patterns":["a*"],"version":2}"#
    #expect(judge(#"{"index_patterns":["a*"]}"#, wanted) == nil)
    #expect(judge(#"{"index_patterns":["a*"],"version":1}"#, wanted) == nil)
    #expect(judge(#"{"index_patterns":["b*"],"version":2}"#, wanted) == nil)
    #expect(judge(#"{"index_patterns":["b*"],"version":3}"#, wanted) == .newer)
    #expect(judge(answer: "nonsense", [wanted]) == nil)
  }

  @Test("an app's fields are warned of once at each mark, a day")
  func budget() {
    var budget = FieldBudget(limit: 1_000)
    #expect(budget.take(["a": 699, "b": 10], day: 1) == [])
    #expect(budget.take(["a": 700, "b": 10], day: 1) == [.init(prefix: "a", fields: 700, percent: 70)])
    #expect(budget.take(["a": 800], day: 1) == [])
    #expect(budget.take(["a": 950, "b": 1_000], day: 1).map(\.percent) == [95, 100])
    #expect(budget.take(["a": 1_000, "b": 1_000], day: 1) == [])
    #expect(budget.take(["a": 900], day: 2) == [.init(prefix: "a", fields: 900, percent: 90)])
  }
}
