import BaritoCore
import Testing

@Suite struct JSONKeySetTests {
  @Test("an object has a key once, whatever other objects have", arguments: [1, 10, 24, 25, 1000])
  func once(_ count: Int) {
    var keys = JSONKeySet()
    let outer = keys.object()
    let inner = keys.object()
    for turn in 0..<2 {
      for number in 0..<count {
        for prefix in ["", "k", "a key of more than eight bytes "] {
          let key = "\(prefix)\(number)"
          for object in [outer, inner] {
            let isNew = keys.insert(key.utf8Span.span, in: object)
            #expect(isNew == (turn == 0), "\(key)")
          }
        }
      }
    }
    keys.removeAll()
    let next = keys.object()
    let isNew = keys.insert("k0".utf8Span.span, in: next)
    #expect(isNew)
  }

  @Test("keys that differ are kept apart", arguments: 0..<4 as Range<UInt64>)
  func oracle(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var keys = JSONKeySet()
    let object = keys.object()
    var seen: Set<[UInt8]> = []
    for _ in 0..<3000 {
      let key = (0..<Int.random(in: 0...11, using: &random)).map { _ in UInt8.random(in: 0...2, using: &random) }
      let isNew = keys.insert(key.span, in: object)
      #expect(isNew == seen.insert(key).inserted, "\(key)")
    }
  }
}
